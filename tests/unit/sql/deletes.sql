-- The delete matrix of the model, row by row.

-- claim: an_account_whose_child_has_a_response_stays
-- refused: response_child_fkey
create temp table w on commit drop as select * from test.world();
delete from account where id = (select parent from w);

-- claim: an_account_takes_its_own_with_it
do $$
declare
    a     bigint := test.account('leaving');
    study bigint := test.study('S', test.lab('L'));
begin
    perform test.child(a);
    insert into demographic (account) values (a);
    insert into totp (account, secret) values (a, 'x');
    insert into token (digest, account) values (sha256('x'), a);
    insert into session (digest, account, expires_at) values (sha256('x'), a, now());
    insert into membership select a, s.admin_group from study s where s.id = study;
    insert into permit (permission, study, account) values (1, study, a);
    delete from account where id = a;
    perform test.eq((select count(*) from child where account = a), 0::bigint), test.eq((select count(*) from demographic where account = a), 0::bigint),
            test.eq((select count(*) from totp where account = a), 0::bigint), test.eq((select count(*) from token where account = a), 0::bigint),
            test.eq((select count(*) from session where account = a), 0::bigint), test.eq((select count(*) from membership where account = a), 0::bigint),
            test.eq((select count(*) from permit where account = a), 0::bigint);
end $$;

-- claim: what_an_account_did_for_others_stays_without_its_name
do $$
declare
    w test.world := test.world();
begin
    insert into study_log (study, action, account) values (w.study, 'active', w.researcher);
    insert into message (sender, subject, body, related_study) values (w.researcher, 'Hello', 'x', w.study);
    delete from account where id = w.researcher;
    perform test.eq((select creator from study where id = w.study), null), test.eq((select account from study_log where action = 'active'), null),
            test.eq((select arbiter from consent_ruling), null), test.eq((select researcher from feedback), null),
            test.eq((select sender from message), null), test.eq((select count(*) from consent_ruling), 1::bigint),
            test.eq((select count(*) from message), 1::bigint);
end $$;

-- claim: a_child_with_a_response_stays
-- refused: response_child_fkey
create temp table w on commit drop as select * from test.world();
delete from child where id = (select child from w);

-- claim: a_child_without_one_goes_and_mail_about_it_stays
do $$
declare
    c bigint := test.child(test.account('parent'));
    m bigint;
begin
    insert into message (subject, body) values ('Hello', 'x') returning id into m;
    insert into message_child values (m, c);
    delete from child where id = c;
    perform test.eq((select count(*) from message_child), 0::bigint), test.eq((select count(*) from message), 1::bigint);
end $$;

-- claim: demographics_go_from_a_response_and_with_the_later_ones
do $$
declare
    w     test.world := test.world();
    later bigint;
begin
    insert into demographic (account, previous) values (w.parent, w.demographic) returning id into later;
    delete from demographic where id = w.demographic;
    perform test.eq((select demographic_snapshot from response where id = w.response), null),
            test.eq((select count(*) from demographic where id = later), 0::bigint);
end $$;

-- claim: a_lab_with_a_study_stays
-- refused: study_lab_fkey
create temp table w on commit drop as select * from test.world();
delete from lab where id = (select lab from w);

-- claim: a_lab_and_a_study_take_their_permits_with_them
do $$
declare
    l bigint := test.lab('Short lab');
    s bigint := test.study('Short', l);
begin
    perform test.eq((select count(*) from permit where object in (s, -l)), 68::bigint);
    delete from study where id = s;
    perform test.eq((select count(*) from permit where object = s), 0::bigint);
    delete from lab where id = l;
    perform test.eq((select count(*) from permit where object = -l), 0::bigint);
end $$;

-- claim: a_study_with_a_response_stays
-- refused: response_study_fkey
create temp table w on commit drop as select * from test.world();
delete from study where id = (select study from w);

-- claim: a_study_takes_its_log_and_leaves_its_mail
do $$
declare
    study bigint := test.study('Short', test.lab('Short lab'));
begin
    insert into message (subject, body, related_study) values ('Hello', 'x', study);
    perform test.eq((select count(*) from study_log), 1::bigint);
    delete from study s where s.id = study;
    perform test.eq((select count(*) from study_log), 0::bigint), test.eq((select related_study from message), null);
end $$;

-- claim: a_study_type_stays
-- refused: study_study_type_fkey
select test.world();
delete from study_type where id = 1;

-- claim: a_response_takes_its_rulings_feedback_frames_and_videos
do $$
declare
    w test.world := test.world();
begin
    insert into response_frame (response, number, digest, body) values (w.response, 0, sha256('x'), '{}');
    insert into upload (response, frame_id, full_name) values (w.response, 'f', 'f.webm');
    delete from response where id = w.response;
    perform test.eq((select count(*) from consent_ruling), 0::bigint), test.eq((select count(*) from feedback), 0::bigint),
            test.eq((select count(*) from video), 0::bigint), test.eq((select count(*) from response_frame), 0::bigint),
            test.eq((select count(*) from upload), 0::bigint), test.eq((select count(*) from job where op_id like 'video.erase:%'), 1::bigint),
            test.eq((select count(*) from job where kind = 'video.erase' and op_id like 'upload.erase:%'), 1::bigint);
end $$;

-- claim: a_group_leaves_its_lab_and_study_without_it
do $$
declare
    lab   bigint := test.lab('L');
    study bigint := test.study('S', lab);
begin
    delete from user_group;
    perform test.eq((select admin_group from lab l where l.id = lab), null), test.eq((select preview_group from study s where s.id = study), null);
end $$;

-- claim: a_section_takes_its_institutions
do $$
declare
    s bigint;
begin
    insert into institution_section (name, "order") values ('Europe', 1) returning id into s;
    insert into institution (name, section) values ('Somewhere', s);
    delete from institution_section where id = s;
    perform test.eq((select count(*) from institution), 0::bigint);
end $$;

-- claim: a_version_that_goes_leaves_its_study
do $$
declare
    s bigint := test.study('S', test.lab('L'));
    v bigint;
begin
    insert into study_version (study, number, sha256, manifest) values (s, 1, repeat('0', 64), '{}') returning id into v;
    update study set version = v where id = s;
    delete from study_version where id = v;
    perform test.eq((select version from study where id = s), null);
end $$;
