-- in: viewer bigint, study bigint, data_options text[], only bigint, after bigint · out: id bigint, doc json · rows: many
with part as (
    select x.id
    from study_responses_after(:viewer, :study, greatest(:after, :only - 1), coalesce(:only, 9223372036854775807), 20) x (id)
    limit 20
)
select r.id, export_object(r, :data_options) as doc from part p join response r on r.id = p.id order by r.id
