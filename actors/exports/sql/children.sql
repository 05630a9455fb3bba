-- in: viewer bigint, study bigint, data_options text[] · out: cells json · rows: many
select (select json_agg(v.found -> c.part -> c.key order by c.place)
        from export_column c
        where export_is_wanted(c, :data_options) and c.part in ('participant', 'child') and c.key not in ('age_in_days', 'age_rounded')) as cells
from response r, lateral (select export_values(r) as found) v
where r.id in (select min(x.id) from response x where x.id in (select study_responses(:viewer, :study)) group by x.child)
order by r.id
limit 1000000000
