-- in: viewer bigint, study bigint, data_options text[], most int, only bigint · out: heads json, keys json, n int · rows: one
with asked as materialized (
    select cardinality(r.sequence) as frames, r.conditions
    from response r
    where r.id in (select study_responses_after(:viewer, :study, coalesce(:only - 1, 0), coalesce(:only, 9223372036854775807), null))
), numbered as (
    select 'response__sequence.' || n as key from generate_series(0, (select max(a.frames) from asked a) - 1) n
    union
    select 'response__conditions.' || f.key
    from (select distinct a.conditions from asked a) d, lateral flattened(export_conditions(d.conditions)) f
), taken as (
    select n.key from numbered n order by split_part(n.key, '.', 1) desc, natural_key(n.key) collate "C" limit :most + 1
)
select (select json_agg(c.name order by c.place) from export_column c where export_is_wanted(c, :data_options) and not c.is_numbered) as heads,
       coalesce((select json_agg(s.key) from taken s), '[]') as keys,
       (select count(*) from taken)::int as n
