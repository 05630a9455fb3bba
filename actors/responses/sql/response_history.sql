-- in: viewer bigint, past_studies_tabs text, page int · out: doc json · rows: one
with own as (
    select r.id, r.study, r.date_created, row_number() over (partition by r.study order by r.date_created desc, r.id desc) as n
    from child c join response r on r.child = c.id join study s on s.id = r.study
    where c.account = :viewer and case when :past_studies_tabs = '1' then s.study_type = 2 else s.study_type <> 2 and r.completed_consent_frame end
), place as (
    select greatest(1, ceil(count(distinct o.study) / 10.0))::int as pages,
           least(greatest(coalesce(:page, 1), 1), greatest(1, ceil(count(distinct o.study) / 10.0)))::int as page from own o
), shown as (
    select s.id, s.uuid, s.name, s.short_description, s.contact_info, s.compensation_description, s.state
    from study s where s.id in (select o.study from own o)
    order by s.name, s.id
    limit 10 offset (select (l.page - 1) * 10 from place l)
)
select json_build_object(
    'tab', case when :past_studies_tabs = '1' then '1' else '0' end, 'is_external', coalesce(:past_studies_tabs = '1', false),
    'studies', coalesce((
        select json_agg(json_build_object(
            'uuid', s.uuid, 'name', s.name, 'short_description', s.short_description, 'contact_info', s.contact_info,
            'compensation_description', s.compensation_description, 'is_active', s.state = 'active',
            'responses', (
                select json_agg(json_build_object(
                    'uuid', r.uuid, 'child_name', c.given_name, 'created_at', iso_text(r.date_created), 'created_text', moment_text(r.date_created),
                    'consent', r.ruling, 'is_accepted', r.ruling = 'accepted', 'is_pending', r.ruling = 'pending', 'is_rejected', r.ruling = 'rejected',
                    'videos', (select coalesce(json_agg(json_build_object('link', '/studies/history/videos/' || v.uuid || '/', 'name', v.name)
                                                        order by v.n), '[]')
                               from (select x.uuid, row_number() over w as n,
                                            case when x.is_consent_footage then 'Consent' else 'Part ' || count(*) filter (where not x.is_consent_footage) over w end as name
                                     from video x where x.response = r.id
                                     window w as (order by x.pipe_numeric_id, x.s3_timestamp, x.id)
                                     order by n limit 200) v),
                    'feedback', (select coalesce(json_agg(json_build_object('comment', f.comment) order by f.id), '[]')
                                 from (select b.id, b.comment from feedback b where b.response = r.id order by b.id limit 100) f))
                    order by o.n)
                from own o join response r on r.id = o.id join child c on c.id = r.child
                where o.study = s.id and o.n <= 50)) order by s.name, s.id)
        from shown s), '[]'),
    'paging', paging(l.page, l.pages)) as doc
from place l
