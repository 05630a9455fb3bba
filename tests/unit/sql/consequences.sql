-- claim: a_new_lab_has_its_groups_by_name
do $$
declare
    made bigint := test.lab('My first lab');
    l    lab;
begin
    select * into l from lab where id = made;
    perform test.eq((select name from user_group where id = l.admin_group), 'ADMIN :: Lab :: My firs... (' || left(l.uuid::text, 7) || '...)'),
            test.eq((select count(*) from permit where object = -made), 19::bigint);
end $$;

-- claim: a_new_study_has_groups_and_a_log_entry
do $$
declare
    study bigint := test.study('My first study', test.lab('L'));
    s     study;
begin
    select * into s from study x where x.id = study;
    perform test.eq((select name from user_group where id = s.submission_processor_group),
                    'SUBMISSION_PROCESSOR :: Study :: My firs... (' || left(s.uuid::text, 7) || '...)'),
            test.eq((select array_agg(action) from study_log), '{created}'), test.eq(s.state, 'created');
end $$;

-- claim: two_labs_with_one_beginning_of_name_and_uuid_live_side_by_side
insert into lab (name, uuid, contact_email) values ('Same name 1', '00000000-0000-4000-8000-000000000001', 'a@b.c'),
                                                   ('Same name 2', '00000000-0000-4000-8000-000000000002', 'a@b.d');

-- claim: a_new_researcher_finds_the_two_labs_and_a_later_one_does_not
do $$
declare
    r bigint := test.account('r', true);
    p bigint := test.account('p');
begin
    update account set is_researcher = true where id = p;
    perform test.eq((select array_agg(l.name order by l.name) from lab_member m join lab l on l.id = m.lab where m.account = r), '{"Demo lab","Sandbox lab"}'),
            test.eq((select array_agg(l.name) from membership m join lab l on m.user_group in (l.readonly_group) where m.account = r), '{"Demo lab"}'),
            test.eq((select array_agg(l.name) from membership m join lab l on m.user_group in (l.guest_group) where m.account = r), '{"Sandbox lab"}'),
            test.eq((select count(*) from lab_member where account = p), 0::bigint);
end $$;

-- claim: what_was_approved_may_not_change_and_the_rest_may
do $$
declare
    s    bigint := test.study('S', test.lab('L'));
    line record;
begin
    for line in select * from (values
        ('name = ''Other''', true), ('generator = ''x''', true), ('use_generator = true', true), ('short_description = ''x''', true),
        ('purpose = ''x''', true), ('duration = ''x''', true), ('contact_info = ''x''', true), ('image = ''x''', true),
        ('exit_url = ''x''', true), ('study_type = 3', true), ('compensation_description = ''x''', true), ('lab = null', true),
        ('metadata = ''{"player_repo_url": "x"}''', true), ('structure = ''{"frames": {"a": {}}, "sequence": []}''', true),
        ('structure = ''{"frames": {}, "sequence": ["a"]}''', true),
        ('structure = ''{"frames": {}, "sequence": [], "exact_text": "x"}''', false),
        ('metadata = ''{"last_known_player_sha": "x"}''', false),
        ('criteria = ''x''', false), ('min_age_days = 3', false), ('criteria_expression = ''deaf''', false), ('public = true', false),
        ('shared_preview = true', false), ('priority = 1', false), ('preview_summary = ''x''', false), ('hash_digits = 7', false),
        ('display_full_screen = false', false), ('built = true', false)) t (change, resets)
    loop
        begin
            update study set state = 'active', status_change_date = '2020-01-01' where id = s;
            execute 'update study set ' || line.change || ' where id = $1' using s;
            if (select state = 'rejected' from study where id = s) <> line.resets then
                raise exception 'not so: %', line.change;
            end if;
            if line.resets then
                perform test.eq((select count(*) from study_log where action = 'rejected' and account is null and extra is null), 1::bigint),
                        test.eq((select count(*) from event where kind = 'study.approval_reset'), 1::bigint),
                        test.eq((select status_change_date from study where id = s), '2020-01-01'::timestamptz);
            end if;
            raise exception 'undo' using errcode = 'UN000';
        exception when sqlstate 'UN000' then
            null;
        end;
    end loop;
end $$;

-- claim: before_approval_everything_may_change
do $$
declare
    s bigint := test.study('S', test.lab('L'));
begin
    update study set state = 'submitted' where id = s;
    update study set name = 'Other', structure = '{}' where id = s;
    perform test.eq((select state from study where id = s), 'submitted');
end $$;

-- claim: a_study_created_active_stays_active
do $$
declare
    s bigint;
begin
    insert into study (name, study_type, state) values ('Straight', 1, 'active') returning id into s;
    perform test.eq((select state from study where id = s), 'active');
end $$;

-- claim: a_move_to_another_lab_leaves_strangers_behind
do $$
declare
    there bigint := test.lab('There');
    s     bigint := test.study('S', test.lab('Here'));
    stays bigint := test.account('stays');
    goes  bigint := test.account('goes');
begin
    insert into lab_member values (there, stays);
    insert into membership select a, x.admin_group from study x, unnest(array[stays, goes]) a where x.id = s;
    update study set lab = there where id = s;
    perform test.eq((select array_agg(m.account) from membership m join study x on x.admin_group = m.user_group where x.id = s), array[stays]);
end $$;

-- claim: a_response_takes_its_type_from_its_study
do $$
declare
    s bigint := test.study('S', test.lab('L'), 3);
    r bigint;
begin
    insert into response (study, child, study_type, eligibility) values (s, test.child(test.account('p')), 1, '{Ineligible_TooOld}') returning id into r;
    perform test.eq((select study_type from response where id = r), 3), test.eq((select eligibility from response where id = r), '{Eligible}');
end $$;

-- claim: a_response_to_nothing_is_refused
-- refused: response_study_fkey
insert into response (study, child) values (-1, test.child(test.account('p')));

-- claim: the_newest_ruling_decides
do $$
declare
    w test.world := test.world();
begin
    perform test.eq((select ruling from response where id = w.response), 'accepted');
    insert into consent_ruling (response, action, created_at) values (w.response, 'rejected', now() - interval '1 day');
    perform test.eq((select ruling from response where id = w.response), 'accepted');
    insert into consent_ruling (response, action) values (w.response, 'pending'); -- the same instant: the later row
    perform test.eq((select ruling from response where id = w.response), 'pending');
    delete from consent_ruling where action <> 'rejected';
    perform test.eq((select ruling from response where id = w.response), 'rejected');
    delete from consent_ruling;
    perform test.eq((select ruling from response where id = w.response), 'pending');
end $$;

-- claim: a_withdrawal_erases_recordings_but_not_the_consent
do $$
declare
    w test.world := test.world();
    c bigint := test.video(w.response, '0-consent', true);
begin
    update response set sequence = '{1-frame,9-exit}', exp_data = '{"9-exit": {"frameType": "EXIT", "withdrawal": true}}' where id = w.response;
    perform test.eq((select array_agg(id) from video), array[c]),
            test.eq((select array_agg(payload ->> 'store') from job where kind = 'video.erase' and due_at = now() + interval '7 days'), '{pipe}');
    perform test.video(w.response, '2-late'); -- one that comes later goes, too
    perform test.eq((select array_agg(id) from video), array[c]),
            test.eq((select count(*) from job where kind = 'video.erase'), 2::bigint);
end $$;

-- claim: a_withdrawal_in_jspsych_does_the_same
do $$
declare
    s bigint := test.study('S', test.lab('L'), 3);
    r bigint := test.response(s, test.child(test.account('p')));
begin
    perform test.video(r, '0-a');
    update response set sequence = '{0-a,1-exit}', exp_data = '[{}, {"chs_type": "exit", "response": {"withdrawal": true}}]' where id = r;
    perform test.eq((select count(*) from video), 0::bigint), test.eq((select payload ->> 'store' from job where kind = 'video.erase'), 'jspsych');
end $$;

-- claim: consent_marks_the_recordings_of_its_frame_early_or_late
do $$
declare
    w test.world := test.world();
    a bigint := test.video(w.response, '0-consent');
    b bigint;
begin
    update response set sequence = '{0-consent}', exp_data = '{"0-consent": {"frameType": "CONSENT"}}' where id = w.response;
    b := test.video(w.response, '0-consent');
    perform test.eq((select array_agg(frame_id || is_consent_footage order by id) from video), '{1-framefalse,0-consenttrue,0-consenttrue}');
end $$;

-- claim: odd_frames_are_nothing
do $$
declare
    w test.world := test.world();
    x bigint := test.study('X', w.lab, 2);
    r bigint := test.response(x, w.child);
begin
    update response set sequence = '{a}', exp_data = '{}' where id = w.response;
    update response set exp_data = '{"a": 7}' where id = w.response;
    update response set exp_data = '[]' where id = w.response;
    update response set exp_data = '{"a": {"frameType": ["x"]}}' where id = w.response;
    update response set sequence = '{a}', exp_data = '{"a": {"frameType": "EXIT", "withdrawal": true}}' where id = r;
    perform test.eq((select count(*) from video), 1::bigint);
end $$;

-- claim: saving_moves_the_day_of_change_and_importing_does_not
do $$
declare
    w test.world := test.world();
begin
    set local lookit.importing = 'on';
    update response set date_modified = '2020-01-01' where id = w.response;
    update study set date_modified = '2020-01-01' where id = w.study;
    insert into consent_ruling (response, action) values (w.response, 'rejected');
    perform test.eq((select date_modified from response where id = w.response), '2020-01-01'::timestamptz),
            test.eq((select date_modified from study where id = w.study), '2020-01-01'::timestamptz);
    set local lookit.importing = '';
    update response set completed = true where id = w.response;
    update study set public = true where id = w.study;
    perform test.eq((select date_modified from response where id = w.response), now()), test.eq((select date_modified from study where id = w.study), now());
end $$;

-- claim: an_imported_world_keeps_its_ids_and_dates
do $$
declare
    lab bigint;
begin
    set local lookit.importing = 'on';
    insert into account (id, username, password, is_researcher) values (900, 'r@x.y', '!', true);
    insert into lab (id, name, contact_email) values (900, 'Imported', 'a@b.c');
    insert into study (id, name, study_type, lab, creator, date_modified) values (900, 'Imported', 1, 900, 900, '2020-01-01');
    insert into child (id, account, given_name, birthday, gender) values (900, 900, 'Kim', '2020-01-01', 'f');
    insert into response (id, study, child, study_type, eligibility, date_modified) values (900, 900, 900, 3, '{Ineligible_TooOld}', '2020-01-01');
    perform test.eq((select count(*) from lab_member where account = 900), 0::bigint), test.eq((select count(*) from study_log), 0::bigint),
            test.eq((select admin_group is not null from study where id = 900), true), test.eq((select study_type from response where id = 900), 3),
            test.eq((select eligibility from response where id = 900), '{Ineligible_TooOld}'),
            test.eq((select date_modified from study where id = 900), '2020-01-01'::timestamptz);
end $$;
