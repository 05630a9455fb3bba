-- in: viewer bigint, study bigint, match text, sort text, page int, response uuid · out: doc json · rows: maybe
with asked as (
    select s.id, s.uuid, s.salt, s.hash_digits, s.name, s.study_type
    from study s
    where s.id = :study and (may_study(:viewer, s.id, 'read_data') or may_study(:viewer, s.id, 'read_preview_data'))
), fitting as (
    select r.id, r.date_created
    from asked q join response r on r.id in (select study_responses(:viewer, (select a.id from asked a))) join child c on c.id = r.child
    where coalesce(:match, '') = '' or r.id::text = :match or strpos(r.uuid::text, lower(:match)) > 0
       -- as response_child_id(), which would fetch the data of every session
       or strpos(lower(hash_id(c.uuid, q.uuid, q.salt, q.hash_digits) || coalesce('-' || nullif(slug(c.given_name), ''), '')), lower(:match)) > 0
), place as (
    select greatest(1, ceil(count(*) / 10.0))::int as pages,
           least(greatest(coalesce(:page, 1), 1), greatest(1, ceil(count(*) / 10.0)))::int as page from fitting
), shown as (
    select f.id, row_number() over (order by case when :sort = 'date_created' then f.date_created end, f.date_created desc, f.id desc) as n
    from fitting f
    order by n
    limit 10 offset (select (l.page - 1) * 10 from place l)
), chosen as (
    select r.id from asked q join response r on r.id in (select study_responses(:viewer, (select a.id from asked a)))
    where r.id = coalesce((select x.id from response x where x.uuid = :response), (select h.id from shown h order by h.n limit 1))
)
select json_build_object(
    'study', json_build_object('id', q.id, 'uuid', q.uuid, 'name', q.name, 'is_external', q.study_type = 2),
    'can', responses_can(:viewer, q.id), 'match', coalesce(:match, ''),
    'sort', case when :sort = 'date_created' then :sort else '-date_created' end,
    'counts', responses_counts(:viewer, q.id), 'note', responses_note(:viewer, q.id), 'is_filtered', coalesce(:match, '') <> '',
    'responses', coalesce((
        select json_agg(json_build_object(
            'id', r.id, 'uuid', r.uuid, 'child_id', response_child_id(r), 'created_at', iso_text(r.date_created), 'created_text', moment_text(r.date_created),
            'is_preview', r.is_preview, 'is_completed', r.completed, 'payment_text', payment_text(r.researcher_payment_status),
            'session_text', session_text(r.researcher_session_status), 'is_star', r.researcher_star,
            'is_here', r.id = (select x.id from chosen x)) order by h.n)
        from shown h join response r on r.id = h.id), '[]'),
    'paging', paging(l.page, l.pages),
    'selected', (
        select json_build_object(
            'id', r.id, 'uuid', r.uuid, 'child_id', response_child_id(r), 'created_at', iso_text(r.date_created), 'created_text', moment_text(r.date_created),
            'parent_feedback', v.found -> 'response' ->> 'parent_feedback', 'family_uuid', v.found -> 'participant' ->> 'global_id',
            'is_star', r.researcher_star, 'payment', options_of('researcher_payment_status', r.researcher_payment_status),
            'session', options_of('researcher_session_status', r.researcher_session_status),
            'columns', (select json_agg(json_build_object(
                                   'name', e.name, 'about', e.about,
                                   'value', case jsonb_typeof(v.found -> e.part -> e.key)
                                                when 'boolean' then case v.found -> e.part -> e.key when 'true' then 'yes' else 'no' end
                                                when 'array' then case e.key when 'conditions' then (v.found -> e.part -> e.key)::text
                                                    else array_to_string(array(select jsonb_array_elements_text(v.found -> e.part -> e.key)), ' ') end
                                                else v.found -> e.part ->> e.key end) order by e.place)
                        from export_column e
                        where q.study_type <> 2 or e.name not in ('response__completed', 'response__withdrawn', 'response__video_privacy', 'response__sequence')),
            'videos', (select coalesce(json_agg(json_build_object(
                                  'name', y.name, 'link', '/exp/studies/' || q.id || '/responses/videos/' || y.id || '/',
                                  'download_link', '/exp/studies/' || q.id || '/responses/videos/' || y.id || '/?mode=download')
                                  order by y.s3_timestamp, y.id), '[]')
                       from (select z.id, z.s3_timestamp, z.frame_id || case when z.is_consent_footage then ' (consent)' else '' end as name from video z where z.response = r.id order by z.s3_timestamp, z.id limit 200) y),
            'feedback', (select coalesce(json_agg(json_build_object('id', f.id, 'comment', f.comment, 'author', f.author) order by f.id desc), '[]')
                         from (select b.id, b.comment, display_name(a.nickname, a.given_name, a.family_name) as author
                               from feedback b left join account a on a.id = b.researcher
                               where b.response = r.id order by b.id desc limit 100) f))
        from chosen x join response r on r.id = x.id, lateral (select export_values(r) as found offset 0) v)) as doc
from asked q, place l
