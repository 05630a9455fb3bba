-- in: viewer bigint, lab text, band text, study_list_tabs int, child text, study_location int, hide_studies_we_have_done bool, search text · out: doc json · rows: maybe
with asked as (
    select coalesce(:study_list_tabs, 0) as tab, coalesce(:study_location, 0) as location, coalesce(:search, '') as search,
           coalesce(:hide_studies_we_have_done, false) as hides,
           coalesce(case :band when 'babies' then '0,1' when 'toddlers' then '1,3' when 'preschoolers' then '3,5'
                               when 'school-age-kids' then '5,18' when 'adults' then '18,999' end, :child, '') as child,
           (select a.uuid from account a where a.id = :viewer) as account,
           exists (select from child c where c.account = :viewer and not c.deleted) as has_child,
           (select l from lab l where l.slug = :lab) as lab),
-- a child of the viewer, or a band: of an own child's list the band would stay unseen
chosen as (
    select a.tab, a.location, a.search, a.hides, a.account, a.has_child, a.lab, a.child,
           (select c from child c where a.child ~ '^\d{1,18}$' and c.id = case when a.child ~ '^\d{1,18}$' then a.child::bigint end
                                    and c.account = :viewer and not c.deleted) as one,
           case when a.child ~ '^\d{1,3},\d{1,3}$' and (not a.has_child or :band is not null) then string_to_array(a.child, ',')::int[] end as band
    from asked a),
found as (
    select s.id, s.uuid, s.name, s.preview_summary, s.duration, l.name as lab_name, age_window_text(s) as age_text,
           (select coalesce(json_agg(c.given_name order by c.birthday desc, c.id), '[]')
            from child c where c.account = :viewer and not c.deleted and is_eligible(c, s)) as fits,
           row_number() over (order by case when :lab is not null then s.priority end desc,
                              case when q.account is null then uuid_send(s.uuid) else sha256(uuid_send(q.account) || uuid_send(s.uuid)) end) as place
    from chosen q, study s join lab l on l.id = s.lab
    where s.state = 'active' and s.public
      and (:lab is null or l.slug = :lab)
      and (q.search = '' or strpos(lower(s.name), lower(q.search)) > 0)
      and case q.location when 1 then s.study_type <> 2 when 2 then s.study_type = 2 else true end
      and case q.tab when 1 then s.study_type <> 2 or s.metadata -> 'scheduled' = 'false'
                     when 2 then s.study_type = 2 and s.metadata -> 'scheduled' = 'true' else true end
      and ((q.one).id is null or is_eligible(q.one, s))
      and (q.band is null or (s.min_days <= q.band[2] * 365 and s.max_days >= q.band[1] * 365))
      and not (q.hides and (q.one).id is not null
               and exists (select from response r where r.study = s.id and r.child = (q.one).id
                           and (r.study_type = 2 or r.completed_consent_frame)))
    order by place limit 500)
select json_build_object(
    'lab', case when :lab is not null then json_build_object('name', (q.lab).name, 'description', (q.lab).description) end,
    'studies', (select coalesce(json_agg(json_build_object('uuid', f.uuid, 'name', f.name, 'preview_summary', f.preview_summary, 'lab_name', f.lab_name,
                                                           'age_text', f.age_text, 'duration', f.duration, 'fits', f.fits) order by f.place), '[]') from found f),
    'has_child', q.has_child, 'list_path', '/studies/' || coalesce(:lab || '/', ''),
    'form', json_build_object('values', json_build_object(
        'study_list_tabs', q.tab::text, 'child', coalesce((q.one).id::text, array_to_string(q.band, ',')), 'study_location', q.location::text,
        'hide_studies_we_have_done', q.hides and (q.one).id is not null, 'search', q.search)),
    'choices', json_build_object(
        'study_list_tabs', json_build_array(json_build_object('value', '0', 'label', 'All'), json_build_object('value', '1', 'label', 'Right now'),
                                            json_build_object('value', '2', 'label', 'By appointment')),
        'child', case when q.has_child
            then (select json_agg(json_build_object('value', c.id::text, 'label', c.given_name) order by c.birthday desc, c.id)
                  from child c where c.account = :viewer and not c.deleted)
            else json_build_array(json_build_object('value', '0,1', 'label', 'Babies, under 1 year'), json_build_object('value', '1,3', 'label', 'Toddlers, 1 and 2 years'),
                                  json_build_object('value', '3,5', 'label', 'Preschoolers, 3 and 4 years'),
                                  json_build_object('value', '5,18', 'label', 'School age, 5 to 17 years'), json_build_object('value', '18,999', 'label', 'Adults')) end,
        'study_location', json_build_array(json_build_object('value', '0', 'label', 'Anywhere'), json_build_object('value', '1', 'label', 'On this site'),
                                           json_build_object('value', '2', 'label', 'On other sites')))) as doc
from chosen q
where :lab is null or (q.lab).id is not null
