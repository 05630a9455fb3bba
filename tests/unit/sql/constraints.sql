-- claim: a_fresh_instance_contains_what_the_model_says
select test.eq((select array_agg(id order by id) from study_type), '{1,2,3}'),
       test.eq((select array_agg(name || '|' || slug || '|' || contact_email || '|' || approved_to_test order by id) from lab),
               '{"Sandbox lab|sandbox-lab|lookit+practice@mit.edu|false","Demo lab|demo-lab|lookit+demo@mit.edu|false"}'),
       test.eq((select count(*) from account), 0::bigint), test.eq((select count(*) from user_group), 9::bigint),
       test.eq((select count(*) from permit where object = 0), 7::bigint);

-- claim: defaults_are_those_of_the_model
do $$
declare
    a account;
    s study;
    r response;
    c child;
begin
    insert into account (username, password) values ('x@y.z', '!') returning * into a;
    perform test.eq(a.is_active, false), test.eq(a.email_new_studies, true), test.eq(a.is_researcher, false), test.eq(a.nickname, ''),
            test.eq(a.date_created, now()), test.eq(a.linked_former_lookit_ids, '{}');
    perform test.study('S', test.lab('L'));
    select * into s from study;
    perform test.eq(s.hash_digits, 6), test.eq(s.priority, 99), test.eq(s.structure, '{"frames": {}, "sequence": []}'::jsonb),
            test.eq(s.metadata, '{}'::jsonb), test.eq(s.comments_extra, '{}'::jsonb), test.eq(s.display_full_screen, true), test.eq(s.public, false),
            test.eq(s.built, false), test.eq(s.comments, null), test.eq(s.uuid <> s.salt, true);
    perform test.child(a.id);
    select * into c from child;
    perform test.eq(c.gestational_age_at_birth, null), test.eq(c.deleted, false), test.eq(c.languages_spoken, 0::bigint);
    perform test.response(s.id, c.id);
    select * into r from response;
    perform test.eq(r.exp_data, '{}'::jsonb), test.eq(r.conditions, '{}'::jsonb), test.eq(r.sequence, '{}'), test.eq(r.recording_method, 'pipe'),
            test.eq(r.researcher_star, false), test.eq(r.ruling, 'pending'), test.eq(r.completed_consent_frame, false);
end $$;

-- claim: values_outside_their_lists_are_refused
do $$
declare
    w    test.world := test.world();
    line record;
begin
    for line in select * from (values
        ('update child set gender = ''x''', 'child_gender_check'), ('update child set gestational_age_at_birth = 18', 'child_gestational_age_at_birth_check'),
        ('update child set gestational_age_at_birth = -1', 'child_gestational_age_at_birth_check'),
        ('update demographic set number_of_children = ''11''', 'demographic_number_of_children_check'),
        ('update demographic set age = ''old''', 'demographic_age_check'), ('update demographic set annual_income = ''1''', 'demographic_annual_income_check'),
        ('update demographic set education_level = ''na''', 'demographic_education_level_check'),
        ('update demographic set state = ''XX''', 'demographic_state_check'), ('update demographic set country = ''us''', 'demographic_country_check'),
        ('update demographic set density = ''x''', 'demographic_density_check'),
        ('update demographic set us_race_ethnicity_identification = ''{white,green}''', 'demographic_us_race_ethnicity_identification_check'),
        ('update study set state = ''deleted''', 'study_state_check'), ('update study set priority = 100', 'study_priority_check'),
        ('update study set min_age_days = 32', 'study_min_age_days_check'), ('update study set max_age_months = 12', 'study_max_age_months_check'),
        ('update study set max_age_years = 19', 'study_max_age_years_check'), ('update study set metadata = ''[]''', 'study_metadata_check'),
        ('update study set preview_summary = repeat(''x'', 301)', 'study_preview_summary_check'),
        ('update study set name = repeat(''x'', 256)', 'study_name_check'), ('update lab set slug = ''a b''', 'lab_slug_check'),
        ('update response set researcher_payment_status = ''x''', 'response_researcher_payment_status_check'),
        ('update response set researcher_session_status = ''x''', 'response_researcher_session_status_check'),
        ('update response set eligibility = ''{Fine}''', 'response_eligibility_check'),
        ('update consent_ruling set action = ''maybe''', 'consent_ruling_action_check')) t (change, constraint_name)
    loop
        begin
            execute line.change;
            raise exception 'allowed: %', line.change;
        exception when check_violation then
            if position(line.constraint_name in sqlerrm) = 0 then
                raise exception '%: %', line.change, sqlerrm;
            end if;
        end;
    end loop;
end $$;

-- claim: what_must_be_unique_is
do $$
declare
    w     test.world := test.world();
    table_name text;
    line  record;
begin
    foreach table_name in array '{account,child,demographic,message,lab,study,study_log,response,consent_ruling,feedback,video,upload}'::text[] loop
        if not exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                       where i.indrelid = table_name::regclass and i.indisunique and i.indnatts = 1 and a.attname = 'uuid') then
            raise exception '% has no unique uuid', table_name;
        end if;
    end loop;
    for line in select * from (values
        ('insert into account (username, password) select username, password from account limit 1', 'account_username_key'),
        ('insert into lab (name, contact_email) select name, ''n@e.w'' from lab limit 1', 'lab_name_key'),
        ('insert into lab (name, contact_email) select ''new'', contact_email from lab limit 1', 'lab_contact_email_key'),
        ('insert into lab (name, contact_email, slug) select ''new'', ''n@e.w'', slug from lab limit 1', 'lab_slug_key'),
        ('insert into study (name, study_type, salt) select name, 1, salt from study limit 1', 'study_salt_key'),
        ('insert into video (full_name, study, response, s3_timestamp, frame_id) select full_name, study, response, now(), '''' from video limit 1', 'video_full_name_key'),
        ('insert into user_group (name) select name from user_group limit 1', 'user_group_name_key')) t (change, constraint_name)
    loop
        begin
            execute line.change;
            raise exception 'allowed: %', line.change;
        exception when unique_violation then
            if position(line.constraint_name in sqlerrm) = 0 then
                raise exception '%: %', line.change, sqlerrm;
            end if;
        end;
    end loop;
end $$;

-- claim: one_number_of_a_response_is_one_frame
-- refused: response_frame_pkey
insert into response_frame (response, number, digest, body) select response, 0, sha256('x'), '{}' from test.world() w, generate_series(1, 2);
