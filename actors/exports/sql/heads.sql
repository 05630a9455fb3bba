-- in: viewer bigint, study bigint, data_options text[], most int, only bigint · out: heads json, keys json, n int · rows: one
with numbered as (
    select distinct k.key
    from response r, lateral export_numbered(r) k
    where r.id in (select study_responses(:viewer, :study)) and (:only is null or r.id = :only)
), taken as (
    select n.key from numbered n order by split_part(n.key, '.', 1) desc, natural_key(n.key) collate "C" limit :most + 1
)
select (select json_agg(c.name order by c.place) from export_column c where export_is_wanted(c, :data_options) and not c.is_numbered) as heads,
       coalesce((select json_agg(s.key) from taken s), '[]') as keys,
       (select count(*) from taken)::int as n
