-- in: viewer bigint, set text, match text, sort text, page int · out: doc json · rows: one
with asked as (
    select coalesce(:set, 'all') as set, coalesce(:match, '') as match, greatest(coalesce(:page, 1), 1) as page,
           case when :sort in ('name', '-name', 'date_modified', '-date_modified', 'status_change_date_display', '-status_change_date_display')
                then :sort else 'name' end as sort),
found as (
    select s.id, s.uuid, s.name, s.short_description, s.state, s.study_type, s.date_modified, l.name as lab_name, a.id as creator,
           display_name(a.nickname, a.given_name, a.family_name) as creator_name,
           coalesce(s.status_change_date, (select g.created_at from study_log g where g.study = s.id and g.action = s.state
                                           order by g.id desc limit 1)) as since
    from asked q, study s join lab l on l.id = s.lab left join account a on a.id = s.creator
    where s.id in (select studies_where(:viewer, 'read_details')) and s.state <> 'archived'
      and case q.set when 'all' then true when 'mystudies' then s.creator = :viewer else s.state = q.set end
      and not exists (select from regexp_split_to_table(btrim(q.match), '\s+') w
                      where strpos(lower(s.name), lower(w)) = 0 and strpos(lower(s.short_description), lower(w)) = 0)),
counted as (select count(*) as n, greatest((count(*) + 9) / 10, 1) as pages from found),
shown as (
    select f.id, f.uuid, f.name, f.short_description, f.state, f.study_type, f.lab_name, f.creator_name, f.since, row_number() over (order by
               case q.sort when 'name' then lower(f.name) end, case q.sort when '-name' then lower(f.name) end desc,
               case q.sort when 'date_modified' then f.date_modified end, case q.sort when '-date_modified' then f.date_modified end desc,
               case q.sort when 'status_change_date_display' then f.since end,
               case q.sort when '-status_change_date_display' then f.since end desc nulls last, f.name, f.id) as place
    from found f, asked q
    order by place limit 10 offset ((select page from asked) - 1) * 10)
select json_build_object(
    'can', json_build_object('create', exists (select from lab_member m where m.account = :viewer and may_create_study(:viewer, m.lab))
                                       or may_site(:viewer, 'create_study')),
    'match', q.match, 'sort', q.sort,
    'tabs', (select json_agg(json_build_object('link', t.link, 'label', t.label, 'is_here', t.set = q.set) order by t.place)
             from (values (1, 'all', '/exp/studies/', 'All'), (2, 'mystudies', '/exp/studies/mystudies/', 'Mine'),
                          (3, 'active', '/exp/studies/active/', 'Active'), (4, 'created', '/exp/studies/created/', 'Drafts'),
                          (5, 'submitted', '/exp/studies/submitted/', 'Submitted'), (6, 'approved', '/exp/studies/approved/', 'Approved'),
                          (7, 'rejected', '/exp/studies/rejected/', 'Rejected'), (8, 'paused', '/exp/studies/paused/', 'Paused'),
                          (9, 'deactivated', '/exp/studies/deactivated/', 'Ended')) t (place, set, link, label)),
    'studies', (select coalesce(json_agg(json_build_object(
                           'id', s.id, 'uuid', s.uuid, 'name', s.name, 'short_description', s.short_description,
                           'state_text', study_state_text(s.state), 'state_since_text', day_text((s.since at time zone 'UTC')::date),
                           'type_text', study_type_text(s.study_type), 'lab_name', s.lab_name, 'creator_name', s.creator_name,
                           'is_active', s.state = 'active',
                           'counts', case when s.state <> 'created' then (
                               select json_build_object('completed', count(*) filter (where r.completed), 'incomplete', count(*) filter (where not r.completed),
                                                        'accepted', count(*) filter (where r.ruling = 'accepted'),
                                                        'pending', count(*) filter (where r.ruling = 'pending'))
                               from response r where r.study = s.id and not r.is_preview and r.completed_consent_frame) end) order by s.place), '[]')
                from shown s),
    'paging', json_build_object('number', q.page, 'count', c.pages, 'previous', case when q.page > 1 then q.page - 1 end,
                                'next', case when q.page < c.pages then q.page + 1 end),
    'choices', json_build_object('sort', json_build_array(
        json_build_object('value', 'name', 'label', 'Name'), json_build_object('value', '-date_modified', 'label', 'Last edited'),
        json_build_object('value', '-status_change_date_display', 'label', 'Last change of state'))),
    'form', json_build_object('values', json_build_object('sort', q.sort))) as doc
from asked q, counted c
