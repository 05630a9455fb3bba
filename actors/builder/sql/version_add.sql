-- in: id bigint, sha256 text, manifest json, player text, build_ms int, viewer bigint · out: is_new bool · rows: one
with held as (select s.id from study s where s.id = :id for update),
made as (
    insert into study_version (study, number, sha256, manifest, player, build_ms, creator)
    select h.id, coalesce((select max(v.number) from study_version v where v.study = h.id), 0) + 1, :sha256, :manifest, :player, :build_ms, :viewer
    from held h
    on conflict (study, sha256) do nothing
    returning id)
select exists (select from made) as is_new
