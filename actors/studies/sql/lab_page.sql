-- in: viewer bigint, lab bigint · out: doc json · rows: maybe
select json_build_object(
    'title', l.name,
    'lab', json_build_object(
        'id', l.id, 'name', l.name, 'institution', l.institution, 'principal_investigator_name', l.principal_investigator_name,
        'contact_email', l.contact_email, 'contact_phone', l.contact_phone, 'lab_website', l.lab_website, 'slug', l.slug,
        'description', l.description, 'irb_contact_info', l.irb_contact_info, 'is_approved', l.approved_to_test,
        'is_member', exists (select from lab_member m where m.lab = l.id and m.account = :viewer),
        'is_requested', exists (select from lab_request r where r.lab = l.id and r.account = :viewer)),
    'can', json_build_object('edit', may_lab(:viewer, l.id, 'edit_lab'), 'members', p.may_see_members, 'manage', may_lab(:viewer, l.id, 'manage_lab_researchers'),
                             'approve', may_site(:viewer, 'approve_lab'), 'create', may_create_study(:viewer, l.id)),
    'studies', (select coalesce(json_agg(json_build_object('id', s.id, 'name', s.name, 'state_text', study_state_text(s.state)) order by s.name), '[]')
                from (select s.id, s.name, s.state from study s
                      where s.lab = l.id and s.state <> 'archived' and s.id in (select studies_where(:viewer, 'read_details'))
                      order by s.name limit 100) s),
    'members', case when p.may_see_members then
        (select coalesce(json_agg(json_build_object(
                    'id', m.id, 'name', full_name(m.given_name, m.middle_name, m.family_name), 'username', m.username, 'is_asking', m.is_asking,
                    'role', case m.user_group when l.admin_group then 'Admin' when l.member_group then 'Member'
                                              when l.readonly_group then 'View' when l.guest_group then 'Guest'
                                              else case when m.is_asking then 'asks to join' else 'no role' end end) order by m.family_name, m.id), '[]')
         from (select distinct on (a.family_name, a.id) a.id, a.given_name, a.middle_name, a.family_name, a.username, x.is_asking, g.user_group
               from (select m.account, false as is_asking from lab_member m where m.lab = l.id
                     union all select r.account, true from lab_request r where r.lab = l.id) x
                    join account a on a.id = x.account and a.is_active
                    left join membership g on g.account = a.id
                         and g.user_group in (l.admin_group, l.member_group, l.readonly_group, l.guest_group)
               order by a.family_name, a.id, x.is_asking, array_position(array[l.admin_group, l.member_group, l.readonly_group, l.guest_group], g.user_group)
               limit 100) m)
        end) as doc
from lab l, lateral (select may_lab(:viewer, l.id, 'read_lab_researchers') as may_see_members) p
where l.id = :lab
