-- claim: each_study_role_may_what_the_model_says
-- columns: preview design analysis submission_processor researcher manager admin nobody
do $$
declare
    study bigint := test.study('Roles', test.lab('Roles lab'));
    roles text[] := '{preview,design,analysis,submission_processor,researcher,manager,admin,nobody}';
    who   bigint[];
    line  record;
begin
    for i in 1..8 loop
        who[i] := test.account(roles[i]);
        if i < 8 then
            insert into membership select who[i], g.id from user_group g, study s
            where s.id = study and g.id = (to_jsonb(s) ->> (roles[i] || '_group'))::bigint;
        end if;
    end loop;
    for line in select * from (values
        ('read_details',         'xxxxxxx.'),
        ('read_preview_data',    'xxxxxxx.'),
        ('code_preview_consent', 'xxxxxxx.'),
        ('delete_preview_data',  '.xxxxxx.'),
        ('write_details',        '.x...xx.'),
        ('change_status',        '...xxxx.'),
        ('manage_researchers',   '.....xx.'),
        ('read_data',            '..x.x.x.'),
        ('code_consent',         '...xx.x.'),
        ('edit_feedback',        '...xx.x.'),
        ('contact',              '...xx.x.'),
        ('change_lab',           '......x.'),
        ('approve',              '........')) t (perm, marks)
    loop
        for i in 1..8 loop
            if may_study(who[i], study, line.perm) <> (substr(line.marks, i, 1) = 'x') then
                raise exception 'may_study: % %', roles[i], line.perm;
            end if;
            if exists (select from studies_where(who[i], line.perm) s where s = study) <> (substr(line.marks, i, 1) = 'x') then
                raise exception 'studies_where: % %', roles[i], line.perm;
            end if;
            if may_site(who[i], line.perm) then
                raise exception 'may_site: % %', roles[i], line.perm;
            end if;
        end loop;
    end loop;
end $$;

-- claim: the_groups_of_a_study_hold_3_5_5_8_9_7_12_permits
create temp table s on commit drop as select test.study('Counted', test.lab('Counted lab')) as id;
select test.eq((select array_agg(n order by place)
                from (select p.user_group as place, count(*) as n from permit p join s on p.study = s.id group by p.user_group) c),
               '{3,5,5,8,9,7,12}');

-- claim: each_lab_role_may_what_the_model_says
-- columns: guest readonly member admin nobody
do $$
declare
    lab   bigint := test.lab('Roles lab');
    study bigint := test.study('Roles', lab);
    other bigint := test.study('Elsewhere', test.lab('Other lab'));
    roles text[] := '{guest,readonly,member,admin,nobody}';
    who   bigint[];
    line  record;
    want  bool;
begin
    for i in 1..5 loop
        who[i] := test.account(roles[i]);
        insert into lab_member values (lab, who[i]);
        if i < 5 then
            insert into membership select who[i], (to_jsonb(l) ->> (roles[i] || '_group'))::bigint from lab l where l.id = lab;
        end if;
    end loop;
    for line in select * from (values
        ('create_study',           'lab',   'x.xx.'),
        ('read_lab_researchers',   'lab',   '..xx.'),
        ('edit_lab',               'lab',   '...x.'),
        ('manage_lab_researchers', 'lab',   '...x.'),
        ('approve_lab',            'lab',   '.....'),
        ('read_details',           'study', '.xxx.'),
        ('read_preview_data',      'study', '.xxx.'),
        ('code_preview_consent',   'study', '..xx.'),
        ('delete_preview_data',    'study', '...x.'),
        ('write_details',          'study', '...x.'),
        ('change_status',          'study', '...x.'),
        ('manage_researchers',     'study', '...x.'),
        ('read_data',              'study', '.....'),
        ('code_consent',           'study', '.....'),
        ('contact',                'study', '.....'),
        ('edit_feedback',          'study', '.....'),
        ('change_lab',             'study', '.....'),
        ('approve',                'study', '.....')) t (perm, about, marks)
    loop
        for i in 1..5 loop
            want := substr(line.marks, i, 1) = 'x';
            if line.about = 'lab' and may_lab(who[i], lab, line.perm) <> want then
                raise exception 'may_lab: % %', roles[i], line.perm;
            elsif line.about = 'study' and (may_study(who[i], study, line.perm) <> want
                  or exists (select from studies_where(who[i], line.perm) s where s = study) <> want
                  or may_study(who[i], other, line.perm)
                  or exists (select from studies_where(who[i], line.perm) s where s = other)) then
                raise exception 'may_study: % %', roles[i], line.perm;
            end if;
        end loop;
    end loop;
    for i in 1..5 loop
        if may_create_study(who[i], lab) <> (substr('x.xx.', i, 1) = 'x') then
            raise exception 'may_create_study: %', roles[i];
        end if;
    end loop;
end $$;

-- claim: the_site_administrators_may_what_the_model_says
do $$
declare
    study bigint := test.study('Any', test.lab('Any lab'));
    admin bigint := test.account('admin');
    line  record;
begin
    insert into membership select admin, id from user_group where name = 'LOOKIT_ADMIN';
    for line in select p.name, p.name in ('read_details', 'approve', 'change_status', 'approve_lab', 'edit_lab', 'read_lab_researchers',
                                          'manage_lab_researchers') as want from permission p
    loop
        if may_site(admin, line.name) <> line.want then
            raise exception 'may_site: %', line.name;
        end if;
    end loop;
    perform test.eq(may_study(admin, study, 'approve'), true), test.eq(may_study(admin, study, 'change_status'), true),
            test.eq(may_study(admin, study, 'read_details'), true), test.eq(may_study(admin, study, 'read_data'), false);
end $$;

-- claim: a_superuser_may_everything_and_an_inactive_one_nothing
do $$
declare
    study bigint := test.study('Any', test.lab('Any lab'));
    boss  bigint := test.account('boss');
    line  record;
begin
    update account set is_superuser = true where id = boss;
    for line in select p.name from permission p loop
        perform test.eq(may_site(boss, line.name), true), test.eq(may_study(boss, study, line.name), true);
    end loop;
    perform test.eq((select count(*) from studies_where(boss, 'read_data')), (select count(*) from study));
    update account set is_active = false where id = boss;
    for line in select p.name from permission p loop
        perform test.eq(may_site(boss, line.name), false), test.eq(may_study(boss, study, line.name), false),
                test.eq((select count(*) from studies_where(boss, line.name)), 0::bigint);
    end loop;
end $$;

-- claim: an_inactive_member_of_a_group_may_nothing
do $$
declare
    study bigint := test.study('Any', test.lab('Any lab'));
    who   bigint := test.account('who');
begin
    insert into membership select who, s.admin_group from study s where s.id = study;
    perform test.eq(may_study(who, study, 'read_data'), true);
    update account set is_active = false where id = who;
    perform test.eq(may_study(who, study, 'read_data'), false), test.eq((select count(*) from studies_where(who, 'read_data')), 0::bigint);
end $$;

-- claim: a_permit_of_ones_own_counts_where_it_was_given
do $$
declare
    lab   bigint := test.lab('One lab');
    one   bigint := test.study('One', lab);
    two   bigint := test.study('Two', lab);
    other bigint := test.study('Elsewhere', test.lab('Other lab'));
    who   bigint := test.account('who');
begin
    insert into permit (permission, study, account) select id, one, who from permission where name = 'read_data';
    perform test.eq(may_study(who, one, 'read_data'), true), test.eq(may_study(who, two, 'read_data'), false);
    insert into permit (permission, lab, account) select id, lab, who from permission where name = 'lab_read_data';
    perform test.eq(may_study(who, two, 'read_data'), true), test.eq(may_study(who, other, 'read_data'), false),
            test.eq((select count(*) from studies_where(who, 'read_data')), 2::bigint);
    insert into permit (permission, account) select id, who from permission where name = 'lab_read_data';
    perform test.eq(may_study(who, other, 'read_data'), true), -- a site-wide twin counts in both checks
            test.eq((select count(*) from studies_where(who, 'read_data')), 3::bigint), test.eq(may_site(who, 'read_data'), false);
end $$;

-- claim: codenames_are_those_of_the_outside_world
select test.eq(codename, want)
from permission p join (values
    ('read_details', 'read_study__<DETAILS>'), ('write_details', 'edit_study__<DETAILS>'), ('change_status', 'edit_study__status'),
    ('manage_researchers', 'edit_study__<GROUP>__user_set'), ('read_data', 'read_study__responses'),
    ('read_preview_data', 'read_study__responses(is_preview=True)'), ('code_consent', 'edit_study__responses__consent_rulings'),
    ('code_preview_consent', 'edit_study__responses__consent_rulings(is_preview=True)'), ('contact', 'edit_study__message_set'),
    ('edit_feedback', 'edit_study__feedback'), ('change_lab', 'edit_study__lab'),
    ('delete_preview_data', 'delete_study__responses(is_preview=True)'), ('approve', 'edit_study__<APPROVAL>'),
    ('create_study', 'associate_lab__study'), ('manage_lab_researchers', 'edit_lab__<GROUPS>'), ('edit_lab', 'edit_lab__<DETAILS>'),
    ('approve_lab', 'edit_lab__approved_to_test'), ('read_lab_researchers', 'read_lab__<GROUPS>')) v (name, want) using (name);
select test.eq(t.codename, replace(p.codename, '_study_', '_lab__study_')) from permission p join permission t on t.id = p.twin;

-- claim: a_name_that_is_no_permission_is_a_mistake_and_not_a_no
-- refused: P0001
select may_study(test.account('who'), test.study('Any', test.lab('Any lab')), 'read_detials');

-- claim: the_same_permit_twice_is_refused
-- refused: permit_object_permission_user_group_account_key
insert into permit (permission, study, account) select 1, s, a from (select test.study('S', test.lab('L')) s, test.account('a') a) t, generate_series(1, 2);

-- claim: staff_of_a_study_are_those_with_the_right_on_it_or_on_its_lab
do $$
declare
    lab   bigint := test.lab('Staff lab');
    study bigint := test.study('Staff', lab);
    a     bigint := test.account('admin of the study');
    b     bigint := test.account('admin of the lab');
    c     bigint := test.account('by hand');
    d     bigint := test.account('design');
    gone  bigint := test.account('gone');
begin
    insert into membership select a, s.admin_group from study s where s.id = study;
    insert into membership select gone, s.admin_group from study s where s.id = study;
    insert into membership select d, s.design_group from study s where s.id = study;
    insert into membership select b, l.admin_group from lab l where l.id = lab;
    insert into membership select a, l.admin_group from lab l where l.id = lab;
    insert into permit (permission, study, account) values (3, study, c);
    update account set is_active = false where id = gone;
    perform test.eq((select array_agg(s order by s) from study_staff(study, 'change_status') s), array[a, b, c]);
    perform test.eq(study_role(a, study), 'Admin'), test.eq(study_role(d, study), 'Design'), test.eq(study_role(b, study), null);
end $$;

-- claim: a_researcher_sees_consented_responses_of_the_kinds_he_may_read
do $$
declare
    w        test.world := test.world();
    real     bigint := w.response; -- accepted by test.world(), consent frame still to come
    preview  bigint := test.response(w.study, w.child);
    unruled  bigint := test.response(w.study, w.child);
    manager  bigint := test.account('manager');
    analysis bigint := test.account('analysis');
begin
    update response set completed_consent_frame = true where id in (preview, unruled);
    update response set is_preview = true where id = preview;
    insert into consent_ruling (response, action) values (preview, 'accepted');
    insert into membership select manager, s.manager_group from study s where s.id = w.study;
    insert into membership select analysis, s.analysis_group from study s where s.id = w.study;
    perform test.eq((select array_agg(r order by r) from study_responses(analysis, w.study) r), array[preview]);
    update response set completed_consent_frame = true where id = real;
    perform test.eq((select array_agg(r order by r) from study_responses(analysis, w.study) r), array[real, preview]),
            test.eq((select array_agg(r order by r) from study_responses(manager, w.study) r), array[preview]),
            test.eq((select array_agg(r order by r) from study_responses(w.parent, w.study) r), null);
end $$;

-- claim: a_part_of_a_big_study_is_the_same_sessions_and_costs_only_its_part
do $$
declare
    w    test.world := test.world();
    anna bigint := test.account('anna');
    all_ bigint[];
    part bigint[];
    read bigint;
begin
    insert into membership select anna, s.analysis_group from study s where s.id = w.study;
    perform set_config('lookit.importing', 'on', true);
    insert into response (study, child, completed_consent_frame, ruling, is_preview)
    select w.study, w.child, true, case when n % 7 = 0 then 'rejected' else 'accepted' end, n % 5 = 0 from generate_series(1, 3000) n;
    analyze response;
    all_ := array(select r from study_responses(anna, w.study) r order by r);
    perform test.eq(cardinality(all_) > 2000, true);
    read := (select coalesce(sum(seq_tup_read + idx_tup_fetch), 0) from pg_stat_xact_user_tables where relname = 'response');
    part := array(select study_responses_after(anna, w.study, all_[1000], 9223372036854775807, 20));
    perform test.eq(part, all_[1001:1020]);
    perform test.eq(may_see_response(anna, w.study, all_[2000]), true);
    perform test.eq(may_see_response(anna, w.study, all_[2000] + 100000), false);
    perform test.eq(may_see_response(w.parent, w.study, all_[2000]), false);
    perform test.eq((select sum(seq_tup_read + idx_tup_fetch) from pg_stat_xact_user_tables where relname = 'response') - read < 200, true);
end $$;
