-- in: viewer bigint, study bigint, data_options text[], after bigint · out: id bigint, cells json · rows: many
with part as (
    select x.id from study_responses_after(:viewer, :study, :after, 9223372036854775807, 20) x (id) limit 20
)
select r.id,
       -- a child stands where its first session does; null: it stood before
       case when not exists (select from response e
                             where e.child = r.child and e.study = r.study and e.id < r.id and may_see_response(:viewer, :study, e.id)) then
           (select json_agg(v.found -> c.part -> c.key order by c.place)
            from (select export_values(r) as found offset 0) v, export_column c
            where export_is_wanted(c, :data_options) and c.part in ('participant', 'child') and c.key not in ('age_in_days', 'age_rounded'))
           end as cells
from part p join response r on r.id = p.id
order by r.id
