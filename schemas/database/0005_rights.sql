-- Who may do what: the permissions, what each group of a lab or study grants, and the checks that every statement uses.
--
-- The checks are plpgsql, so that their plans are kept by the connection. A name that is no permission is a mistake in the
-- statement and is raised, not denied.

insert into permission (id, app, codename, name, about, twin) values
    -- held on a lab
    (101, 'studies', 'read_lab__study__<DETAILS>',                                           'lab_read_details',         'lab',   null),
    (102, 'studies', 'edit_lab__study__<DETAILS>',                                           'lab_write_details',        'lab',   null),
    (103, 'studies', 'edit_lab__study__status',                                              'lab_change_status',        'lab',   null),
    (104, 'studies', 'edit_lab__study__<GROUP>__user_set',                                   'lab_manage_researchers',   'lab',   null),
    (105, 'studies', 'read_lab__study__responses',                                           'lab_read_data',            'lab',   null),
    (106, 'studies', 'read_lab__study__responses(is_preview=True)',                          'lab_read_preview_data',    'lab',   null),
    (107, 'studies', 'edit_lab__study__responses__consent_rulings',                          'lab_code_consent',         'lab',   null),
    (108, 'studies', 'edit_lab__study__responses__consent_rulings(is_preview=True)',         'lab_code_preview_consent', 'lab',   null),
    (109, 'studies', 'edit_lab__study__message_set',                                         'lab_contact',              'lab',   null),
    (110, 'studies', 'edit_lab__study__feedback',                                            'lab_edit_feedback',        'lab',   null),
    (111, 'studies', 'edit_lab__study__lab',                                                 'lab_change_lab',           'lab',   null),
    (112, 'studies', 'delete_lab__study__responses(is_preview=True)',                        'lab_delete_preview_data',  'lab',   null),
    (120, 'studies', 'associate_lab__study',                                                 'create_study',             'lab',   null),
    (121, 'studies', 'edit_lab__<GROUPS>',                                                   'manage_lab_researchers',   'lab',   null),
    (122, 'studies', 'edit_lab__<DETAILS>',                                                  'edit_lab',                 'lab',   null),
    (123, 'studies', 'edit_lab__approved_to_test',                                           'approve_lab',              'lab',   null),
    (124, 'studies', 'read_lab__<GROUPS>',                                                   'read_lab_researchers',     'lab',   null),
    -- held on a study; twin: held on its lab
    (1,   'studies', 'read_study__<DETAILS>',                                                'read_details',             'study', 101),
    (2,   'studies', 'edit_study__<DETAILS>',                                                'write_details',            'study', 102),
    (3,   'studies', 'edit_study__status',                                                   'change_status',            'study', 103),
    (4,   'studies', 'edit_study__<GROUP>__user_set',                                        'manage_researchers',       'study', 104),
    (5,   'studies', 'read_study__responses',                                                'read_data',                'study', 105),
    (6,   'studies', 'read_study__responses(is_preview=True)',                               'read_preview_data',        'study', 106),
    (7,   'studies', 'edit_study__responses__consent_rulings',                               'code_consent',             'study', 107),
    (8,   'studies', 'edit_study__responses__consent_rulings(is_preview=True)',              'code_preview_consent',     'study', 108),
    (9,   'studies', 'edit_study__message_set',                                              'contact',                  'study', 109),
    (10,  'studies', 'edit_study__feedback',                                                 'edit_feedback',            'study', 110),
    (11,  'studies', 'edit_study__lab',                                                      'change_lab',               'study', 111),
    (12,  'studies', 'delete_study__responses(is_preview=True)',                             'delete_preview_data',      'study', 112),
    (13,  'studies', 'edit_study__<APPROVAL>',                                               'approve',                  'study', null),
    -- site-wide only
    (201, 'accounts', 'can_read_all_user_data',                 'read_all_user_data',          'site', null),
    (202, 'accounts', 'can_read_usernames',                     'read_usernames',              'site', null),
    (203, 'accounts', 'can_view_analytics',                     'view_analytics',              'site', null),
    (204, 'accounts', 'can_view_all_children_in_analytics',     'view_all_children',           'site', null),
    (205, 'studies',  'view_all_response_data_in_analytics',    'view_all_responses',          'site', null),
    (211, 'accounts', 'can_create_users',                       'create_users',                'site', null),
    (212, 'accounts', 'can_view_users',                         'view_users',                  'site', null),
    (213, 'accounts', 'can_edit_users',                         'edit_users',                  'site', null),
    (214, 'accounts', 'can_remove_users',                       'remove_users',                'site', null),
    (215, 'accounts', 'can_view_user_permissions',              'view_user_permissions',       'site', null),
    (216, 'accounts', 'can_edit_user_permissions',              'edit_user_permissions',       'site', null),
    (217, 'accounts', 'can_view_organization',                  'view_organization',           'site', null),
    (218, 'accounts', 'can_edit_organization',                  'edit_organization',           'site', null),
    (219, 'accounts', 'can_create_organization',                'create_organization',         'site', null),
    (220, 'accounts', 'can_remove_organization',                'remove_organization',         'site', null),
    (221, 'accounts', 'can_view_experimenter',                  'view_experimenter',           'site', null),
    (222, 'studies',  'can_view_feedback',                      'view_feedback',               'site', null);

-- What a group of a new lab or study gets. Later changes are made on the grants of that lab or study, by hand.
create table group_right (
    about      text not null check (about in ('study', 'lab')),
    kind       text not null, -- as in the column: guest_group, …
    place      int not null,  -- order of making
    permission int not null references permission,
    primary key (about, kind, permission)
);

insert into group_right (about, kind, place, permission)
select 'study', g.kind, g.place, p.id
from (values
    (1, 'preview',              '{read_details,read_preview_data,code_preview_consent}'::text[]),
    (2, 'design',               '{read_details,read_preview_data,code_preview_consent,delete_preview_data,write_details}'),
    (3, 'analysis',             '{read_details,read_preview_data,code_preview_consent,delete_preview_data,read_data}'),
    (4, 'submission_processor', '{read_details,read_preview_data,code_preview_consent,delete_preview_data,change_status,code_consent,edit_feedback,contact}'),
    (5, 'researcher',           '{read_details,read_preview_data,code_preview_consent,delete_preview_data,change_status,read_data,code_consent,edit_feedback,contact}'),
    (6, 'manager',              '{read_details,read_preview_data,code_preview_consent,delete_preview_data,write_details,change_status,manage_researchers}'),
    (7, 'admin',                '{read_details,read_preview_data,code_preview_consent,delete_preview_data,write_details,change_status,manage_researchers,read_data,code_consent,edit_feedback,contact,change_lab}')
) g (place, kind, names) join permission p on p.name = any (g.names);

insert into group_right (about, kind, place, permission)
select 'lab', g.kind, g.place, p.id
from (values
    (1, 'guest',    '{create_study}'::text[]),
    (2, 'readonly', '{lab_read_details,lab_read_preview_data}'),
    (3, 'member',   '{create_study,read_lab_researchers,lab_read_details,lab_read_preview_data,lab_code_preview_consent}'),
    (4, 'admin',    '{create_study,read_lab_researchers,lab_read_details,lab_read_preview_data,lab_code_preview_consent,lab_delete_preview_data,lab_write_details,lab_change_status,lab_manage_researchers,edit_lab,manage_lab_researchers}')
) g (place, kind, names) join permission p on p.name = any (g.names);

-- "ADMIN :: Study :: My firs... (587e0c3...)". The name does not follow later renames. Should two of them meet, the whole uuid
-- tells them apart.
create function group_make(kind text, what text, of_name text, of_uuid uuid) returns bigint
language plpgsql as $$
declare
    head text := upper(kind) || ' :: ' || what || ' :: ' || left(of_name, 7) || '... (';
    made bigint;
begin
    insert into user_group (name) values (head || left(of_uuid::text, 7) || '...)') on conflict do nothing returning id into made;
    if made is null then
        insert into user_group (name) values (head || of_uuid::text || ')') returning id into made;
    end if;
    return made;
end $$;

-- ---- checks ------------------------------------------------------------------------------------------------------------

create function permission_missing(perm text) returns bool
language plpgsql stable as $$
begin
    if not exists (select from permission p where p.name = perm) then
        raise exception 'no permission is called "%"', perm;
    end if;
    return false;
end $$;

-- Site-wide: superuser, granted to the account, or to one of its groups.
create function may_site(viewer bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    if exists (
        select from account u, permission p
        where u.id = viewer and u.is_active and p.name = perm
          and (u.is_superuser
               or exists (select from site_grant g where g.permission = p.id and g.account = viewer)
               or exists (select from site_grant g join membership m on m.user_group = g.user_group
                          where g.permission = p.id and m.account = viewer)))
    then
        return true;
    end if;
    return permission_missing(perm);
end $$;

-- On one lab, or site-wide.
create function may_lab(viewer bigint, lab bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    if exists (
        select from account u, permission p
        where u.id = viewer and u.is_active and p.name = perm
          and (u.is_superuser
               or exists (select from lab_grant g join membership m on m.user_group = g.user_group and m.account = viewer
                          where g.lab = may_lab.lab and g.permission = p.id)
               or exists (select from lab_grant g where g.lab = may_lab.lab and g.permission = p.id and g.account = viewer)
               or exists (select from site_grant g where g.permission = p.id and g.account = viewer)
               or exists (select from site_grant g join membership m on m.user_group = g.user_group
                          where g.permission = p.id and m.account = viewer)))
    then
        return true;
    end if;
    return permission_missing(perm);
end $$;

-- On one study: site-wide, on the study, or by the twin on its lab. A site-wide grant of the twin counts, too.
create function may_study(viewer bigint, study bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    if exists (
        select from account u, permission p, study s
        where u.id = viewer and u.is_active and p.name = perm and s.id = may_study.study
          and (u.is_superuser
               or exists (select from study_grant g join membership m on m.user_group = g.user_group and m.account = viewer
                          where g.study = s.id and g.permission = p.id)
               or exists (select from lab_grant g join membership m on m.user_group = g.user_group and m.account = viewer
                          where g.lab = s.lab and g.permission = p.twin)
               or exists (select from study_grant g where g.study = s.id and g.permission = p.id and g.account = viewer)
               or exists (select from lab_grant g where g.lab = s.lab and g.permission = p.twin and g.account = viewer)
               or exists (select from site_grant g where g.permission in (p.id, p.twin) and g.account = viewer)
               or exists (select from site_grant g join membership m on m.user_group = g.user_group
                          where g.permission in (p.id, p.twin) and m.account = viewer)))
    then
        return true;
    end if;
    return permission_missing(perm);
end $$;

create function may_study(viewer bigint, study uuid, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    return may_study(viewer, (select s.id from study s where s.uuid = may_study.study), perm);
end $$;

-- All studies where may_study() says yes, for lists: … where s.id in (select studies_where(:viewer, 'read_details')).
create function studies_where(viewer bigint, perm text) returns setof bigint
language plpgsql stable parallel safe rows 100 as $$
declare
    p permission;
begin
    select * into p from permission where name = perm;
    if not found then
        perform permission_missing(perm);
    end if;
    if not exists (select from account u where u.id = viewer and u.is_active) then
        return;
    end if;
    if exists (select from account u where u.id = viewer and u.is_superuser)
       or exists (select from site_grant g where g.permission in (p.id, p.twin)
                  and (g.account = viewer
                       or g.user_group in (select m.user_group from membership m where m.account = viewer)))
    then
        return query select s.id from study s;
        return;
    end if;
    return query
        select g.study from membership m join study_grant g on g.user_group = m.user_group
        where m.account = viewer and g.permission = p.id
        union
        select g.study from study_grant g where g.account = viewer and g.permission = p.id
        union
        select s.id from membership m join lab_grant g on g.user_group = m.user_group join study s on s.lab = g.lab
        where m.account = viewer and g.permission = p.twin
        union
        select s.id from lab_grant g join study s on s.lab = g.lab where g.account = viewer and g.permission = p.twin;
end $$;

-- A lab's own members may put up studies there, if one of its groups or a grant says so.
create function may_create_study(viewer bigint, lab bigint) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from lab_member m where m.lab = may_create_study.lab and m.account = viewer)
           and may_lab(viewer, may_create_study.lab, 'create_study');
end $$;

-- Who is to be told: holders of change_status by grant or group on the study, or of its twin on the lab. Active accounts only;
-- superusers and site-wide grants are not asked.
create function study_staff(study bigint, perm text) returns setof bigint
language plpgsql stable parallel safe rows 10 as $$
begin
    return query
        with held as (
            select g.account, g.user_group from permission p join study_grant g on g.permission = p.id
            where p.name = perm and g.study = study_staff.study
            union all
            select g.account, g.user_group
            from permission p join study s on s.id = study_staff.study join lab_grant g on g.permission = p.twin and g.lab = s.lab
            where p.name = perm)
        select u.id from account u
        where u.is_active and (u.id in (select h.account from held h)
                               or u.id in (select m.account from held h join membership m on m.user_group = h.user_group));
end $$;

-- First hit of Admin, Manager, Researcher, Submission Processor, Analysis, Design, Preview; null: in none.
create function study_role(viewer bigint, study bigint) returns text
language plpgsql stable parallel safe as $$
begin
    return (select r.role
            from study s, lateral (values (1, 'Admin', s.admin_group), (2, 'Manager', s.manager_group),
                                          (3, 'Researcher', s.researcher_group),
                                          (4, 'Submission Processor', s.submission_processor_group),
                                          (5, 'Analysis', s.analysis_group), (6, 'Design', s.design_group),
                                          (7, 'Preview', s.preview_group)) r (place, role, user_group)
                 join membership m on m.user_group = r.user_group and m.account = viewer
            where s.id = study_role.study order by r.place limit 1);
end $$;

-- The responses of a study that a researcher may see: consented ones (all, for a study elsewhere), of the study's own type, and of
-- those only the kinds that the researcher may read.
create function study_responses(viewer bigint, study bigint) returns setof bigint
language plpgsql stable parallel safe rows 1000 as $$
declare
    may_real    bool := may_study(viewer, study_responses.study, 'read_data');
    may_preview bool := may_study(viewer, study_responses.study, 'read_preview_data');
begin
    return query
        select r.id from study s join response r on r.study = s.id
        where s.id = study_responses.study and r.study_type = s.study_type
          and (s.study_type = 2 or (r.completed_consent_frame and r.ruling = 'accepted'))
          and case when r.is_preview then may_preview else may_real end;
end $$;
