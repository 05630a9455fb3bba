-- in: viewer bigint, study bigint, data_options text[], keys json, only bigint · out: cells json, more json · rows: many
select (select json_agg(case c.name when 'response__eligibility' then to_jsonb(array_to_string(r.eligibility, ' '))
                                    else v.found -> c.part -> c.key end order by c.place)
        from export_column c where export_is_wanted(c, :data_options) and not c.is_numbered) as cells,
       (select json_agg(n.items -> k.key order by k.place)
        from (select coalesce(jsonb_object_agg(x.key, x.item), '{}') as items from export_numbered(r) x) n,
             json_array_elements_text(:keys) with ordinality k (key, place)) as more
from response r, lateral (select export_values(r) as found) v
where r.id in (select study_responses(:viewer, :study)) and (:only is null or r.id = :only)
order by r.id
limit 1000000000
