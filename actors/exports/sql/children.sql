-- in: viewer bigint, study bigint, data_options text[], after bigint · out: id bigint, cells json · rows: many
with part as (
    select min(x.id) as id from response x
    where x.id in (select study_responses(:viewer, :study))
    group by x.child
    having min(x.id) > :after
    order by min(x.id)
    limit 20
)
select r.id,
       (select json_agg(v.found -> c.part -> c.key order by c.place)
        from export_column c
        where export_is_wanted(c, :data_options) and c.part in ('participant', 'child') and c.key not in ('age_in_days', 'age_rounded')) as cells
from part p join response r on r.id = p.id, lateral (select export_values(r) as found offset 0) v
order by r.id
