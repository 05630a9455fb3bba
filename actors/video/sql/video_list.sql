-- in: viewer bigint, study bigint, match text, sort text, page int · out: doc json · rows: maybe
with asked as (
    select s.id, s.uuid, s.name, s.study_type
    from study s
    where s.id = :study and (may_study(:viewer, s.id, 'read_data') or may_study(:viewer, s.id, 'read_preview_data'))
), fitting as (
    select v.id, v.created_at, v.full_name
    from asked q join video v on v.response in (select study_responses(:viewer, (select a.id from asked a)))
    where coalesce(:match, '') = '' or strpos(lower(v.full_name), lower(:match)) > 0
), place as (
    select greatest(1, ceil(count(*) / 100.0))::int as pages,
           least(greatest(coalesce(:page, 1), 1), greatest(1, ceil(count(*) / 100.0)))::int as page from fitting
), shown as (
    select f.id, row_number() over (order by case when :sort = 'created_at' then f.created_at end, case when :sort = 'full_name' then f.full_name end,
                                             case when :sort = '-full_name' then f.full_name end desc, f.created_at desc, f.id desc) as n
    from fitting f
    order by n
    limit 100 offset (select (l.page - 1) * 100 from place l)
)
select json_build_object(
    'study', json_build_object('id', q.id, 'uuid', q.uuid, 'name', q.name, 'is_external', q.study_type = 2),
    'can', responses_can(:viewer, q.id), 'match', coalesce(:match, ''), 'is_filtered', coalesce(:match, '') <> '',
    'sort', case when :sort in ('created_at', 'full_name', '-full_name') then :sort else '-created_at' end,
    'videos', coalesce((
        select json_agg(json_build_object(
            'id', v.id, 'uuid', v.uuid, 'name', v.full_name, 'frame', v.frame_id, 'is_consent', v.is_consent_footage,
            'link', '/exp/studies/' || q.id || '/responses/videos/' || v.id || '/',
            'download_link', '/exp/studies/' || q.id || '/responses/videos/' || v.id || '/?mode=download',
            'created_at', iso_text(v.s3_timestamp), 'created_text', moment_text(v.s3_timestamp),
            'size_text', case when v.size_bytes >= 1e6 then round(v.size_bytes / 1e6, 1) || ' MB' else ceil(v.size_bytes / 1e3) || ' kB' end) order by h.n)
        from shown h join video v on v.id = h.id), '[]'),
    'paging', paging(l.page, l.pages)) as doc
from asked q, place l
