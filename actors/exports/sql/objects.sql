-- in: viewer bigint, study bigint, data_options text[], only bigint, after bigint · out: id bigint, doc json · rows: many
with part as (
    select x.id from study_responses(:viewer, :study) x (id)
    where x.id > :after and (:only is null or x.id = :only)
    order by x.id
    limit 20
)
select r.id, export_object(r, :data_options) as doc from part p join response r on r.id = p.id order by r.id
