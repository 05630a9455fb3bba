-- in: viewer bigint, study bigint, state text, page int · out: doc json · rows: maybe
with asked as (
    select s.id, s.uuid, s.salt, s.hash_digits, s.name, s.study_type, may_study(:viewer, s.id, 'code_consent') as may_all,
           case when :state in ('accepted', 'rejected') then :state else 'pending' end as state
    from study s
    where s.id = :study and (may_study(:viewer, s.id, 'code_consent') or may_study(:viewer, s.id, 'code_preview_consent'))
), pool as (
    select r.id, r.child, r.ruling, r.date_created,
           r.ruling <> 'accepted' or (select max(g.created_at) from consent_ruling g where g.response = r.id) > now() - interval '3 weeks' as is_listed
    from asked q join response r on r.study = q.id and r.completed_consent_frame and (q.may_all or r.is_preview)
    where q.study_type <> 2
), total as (
    select count(*) as n, count(distinct p.child) as children,
           count(*) filter (where p.ruling = 'pending') as pending, count(*) filter (where p.ruling = 'accepted') as accepted,
           count(*) filter (where p.ruling = 'rejected') as rejected,
           count(*) filter (where p.ruling = 'accepted' and p.is_listed) as recent,
           count(distinct p.child) filter (where p.ruling = 'accepted') as accepted_children,
           count(distinct p.child) filter (where p.ruling = 'rejected'
                                             and p.child not in (select x.child from pool x where x.ruling = 'accepted')) as rejected_children
    from pool p
), place as (
    select q.state, greatest(1, ceil(case q.state when 'pending' then t.pending when 'rejected' then t.rejected else t.recent end / 10.0))::int as pages
    from asked q, total t
), shown as (
    select p.id, p.date_created from pool p, place l
    where p.ruling = l.state and p.is_listed
    order by p.date_created desc, p.id desc
    limit 10 offset (select (least(greatest(coalesce(:page, 1), 1), l.pages) - 1) * 10 from place l)
)
select json_build_object(
    'study', json_build_object('id', q.id, 'uuid', q.uuid, 'name', q.name, 'is_external', q.study_type = 2),
    'can', responses_can(:viewer, q.id), 'state', q.state,
    'states', json_build_array(
        json_build_object('state', 'pending', 'label', 'To judge', 'count', t.pending, 'is_here', q.state = 'pending'),
        json_build_object('state', 'accepted', 'label', 'Accepted', 'count', t.recent, 'is_here', q.state = 'accepted'),
        json_build_object('state', 'rejected', 'label', 'Rejected', 'count', t.rejected, 'is_here', q.state = 'rejected')),
    'counts', json_build_object('accepted', t.accepted, 'accepted_children', t.accepted_children, 'rejected', t.rejected,
                                'rejected_children', t.rejected_children, 'pending', t.pending, 'total', t.n, 'children', t.children),
    'responses', coalesce((
        select json_agg(json_build_object(
            'uuid', r.uuid, 'created_at', iso_text(r.date_created), 'created_text', moment_text(r.date_created), 'is_preview', r.is_preview,
            'is_survey_consent', r.survey_consent, 'is_accepted', r.ruling = 'accepted', 'is_rejected', r.ruling = 'rejected',
            'is_pending', r.ruling = 'pending', 'comment', n.comments, 'arbiter', n.arbiter,
            'videos', (select coalesce(json_agg(json_build_object('link', '/exp/studies/' || q.id || '/responses/videos/' || v.id || '/',
                                                                  'name', 'Consent video ' || v.n) order by v.n), '[]')
                       from (select x.id, row_number() over (order by x.s3_timestamp, x.id) as n
                             from video x where x.response = r.id and x.is_consent_footage order by x.s3_timestamp, x.id limit 50) v),
            'participant', json_build_object('hashed_id', hash_id(a.uuid, q.uuid, q.salt, q.hash_digits), 'uuid', a.uuid, 'nickname', a.nickname,
                                             'country', d.country, 'state', d.state),
            'child', json_build_object('hashed_id', hash_id(c.uuid, q.uuid, q.salt, q.hash_digits), 'uuid', c.uuid, 'given_name', c.given_name,
                                       'birthday', c.birthday,
                                       'gender_text', (select lower(x.label) from choice x where x.list = 'gender' and x.value = c.gender),
                                       'additional_information', c.additional_information),
            'is_completed', r.completed, 'sequence', r.sequence) order by h.date_created desc, h.id desc)
        from shown h join response r on r.id = h.id join child c on c.id = r.child join account a on a.id = c.account
             left join demographic d on d.id = r.demographic_snapshot
             left join lateral (select g.comments, display_name(b.nickname, b.given_name, b.family_name) as arbiter
                                from consent_ruling g left join account b on b.id = g.arbiter
                                where g.response = r.id order by g.created_at desc, g.id desc limit 1) n on true), '[]'),
    'paging', paging(least(greatest(coalesce(:page, 1), 1), l.pages), l.pages)) as doc
from asked q, total t, place l
