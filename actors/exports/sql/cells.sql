-- in: viewer bigint, study bigint, data_options text[], keys json, only bigint, after bigint · out: id bigint, cells json, more json · rows: many
with part as (
    select x.id
    from study_responses_after(:viewer, :study, greatest(:after, :only - 1), coalesce(:only, 9223372036854775807), 20) x (id)
    limit 20
)
select r.id,
       (select json_agg(case c.name when 'response__eligibility' then to_jsonb(array_to_string(r.eligibility, ' '))
                                    else v.found -> c.part -> c.key end order by c.place)
        from export_column c where export_is_wanted(c, :data_options) and not c.is_numbered) as cells,
       (select json_agg(n.items -> k.key order by k.place)
        from (select coalesce(jsonb_object_agg(x.key, x.item), '{}') as items from export_numbered(r) x offset 0) n,
             json_array_elements_text(:keys) with ordinality k (key, place)) as more
from part p join response r on r.id = p.id, lateral (select export_values(r) as found offset 0) v
order by r.id
