-- Who may do what: the permissions, what each group of a lab or study is permitted, and the checks that every statement uses.
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

-- What a group of a new lab or study gets. Later changes are made on the permits of that lab or study, by hand.
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

-- What a check says when it found no permit.
create function may_everything(viewer bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
declare
    is_super bool;
begin
    select u.id is not null into is_super
    from permission p left join account u on u.id = viewer and u.is_active and u.is_superuser where p.name = perm;
    if is_super is null then
        raise exception 'no permission is called "%"', perm;
    end if;
    return is_super;
end $$;

-- Site-wide.
create function may_site(viewer bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from account u join permission p on p.name = perm
                       join permit g on g.object = 0 and g.permission = p.id
                       left join membership m on m.account = viewer and m.user_group = g.user_group
                   where u.id = viewer and u.is_active and (g.account = viewer or m.account is not null))
           or may_everything(viewer, perm);
end $$;

-- On one lab, or site-wide.
create function may_lab(viewer bigint, lab bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from account u join permission p on p.name = perm
                       join permit g on g.object = any (array[-may_lab.lab, 0]) and g.permission = p.id
                       left join membership m on m.account = viewer and m.user_group = g.user_group
                   where u.id = viewer and u.is_active and (g.account = viewer or m.account is not null))
           or may_everything(viewer, perm);
end $$;

-- On one study: on itself, by the twin on its lab, or either of them site-wide.
create function may_study(viewer bigint, study bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from account u join permission p on p.name = perm join study s on s.id = may_study.study
                       join permit g on g.object = any (array[s.id, -s.lab, 0]) and g.permission = any (array[p.id, p.twin])
                       left join membership m on m.account = viewer and m.user_group = g.user_group
                   where u.id = viewer and u.is_active and (g.account = viewer or m.account is not null))
           or may_everything(viewer, perm);
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
    wanted int[] := array(select unnest(array[p.id, p.twin]) from permission p where p.name = perm);
    held   bigint[]; -- objects
begin
    if exists (select from account u where u.id = viewer and u.is_active) then
        held := array(select g.object from membership m
                          join permit g on g.user_group = m.user_group and g.permission = any (wanted)
                      where m.account = viewer
                      union
                      select g.object from permit g where g.account = viewer and g.permission = any (wanted));
    end if;
    if 0 = any (held) or may_everything(viewer, perm) then
        return query select s.id from study s;
    else
        return query
            select h from unnest(held) h where h > 0
            union
            select s.id from study s where s.lab in (select -h from unnest(held) h where h < 0);
    end if;
end $$;

-- A lab's own members may put up studies there, if one of its groups or a permit says so.
create function may_create_study(viewer bigint, lab bigint) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from lab_member m where m.lab = may_create_study.lab and m.account = viewer)
           and may_lab(viewer, may_create_study.lab, 'create_study');
end $$;

-- Who is to be told: holders of a permission by permit or group on the study, or of its twin on the lab. Active accounts only;
-- superusers and site-wide permits are not asked.
create function study_staff(study bigint, perm text) returns setof bigint
language plpgsql stable parallel safe rows 10 as $$
begin
    return query
        select u.id
        from study s join permission p on p.name = perm
             join permit g on (g.object = s.id and g.permission = p.id) or (g.object = -s.lab and g.permission = p.twin)
             left join membership m on m.user_group = g.user_group
             join account u on u.id = coalesce(g.account, m.account) and u.is_active
        where s.id = study_staff.study
        group by u.id;
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
