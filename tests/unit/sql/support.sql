-- Run once before the claims of the other files. Each claim runs in a transaction of its own that is rolled back.
create schema test;

create function test.eq(got anycompatible, want anycompatible) returns void
language plpgsql as $$
begin
    if got is distinct from want then
        raise exception 'got %, want %', got, want;
    end if;
end $$;

create function test.account(name text, is_researcher bool default false) returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into account (username, password, is_active, is_researcher, given_name)
    values (name || '@example.org', '!', true, is_researcher, name) returning id into made;
    return made;
end $$;

create function test.lab(name text) returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into lab (name, slug, contact_email) values (name, slug(name), slug(name) || '@labs.example.org') returning id into made;
    return made;
end $$;

create function test.study(name text, lab bigint, study_type int default 1) returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into study (name, lab, study_type, max_age_years) values (name, study.lab, study.study_type, 18) returning id into made;
    return made;
end $$;

create function test.child(account bigint, age_in_days int default 1000) returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into child (account, given_name, birthday, gender) values (child.account, 'Kim', site_today() - age_in_days, 'f')
    returning id into made;
    return made;
end $$;

create function test.response(study bigint, child bigint) returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into response (study, child) values (response.study, response.child) returning id into made;
    return made;
end $$;

-- A new response, and what was recorded of its eligibility.
create function test.judged(study bigint, child bigint) returns text[]
language plpgsql as $$
declare
    verdict text[];
begin
    insert into response (study, child) values (judged.study, judged.child) returning eligibility into verdict;
    return verdict;
end $$;

create function test.video(response bigint, frame_id text, is_consent bool default false) returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into video (response, study, s3_timestamp, frame_id, full_name, is_consent_footage)
    select r.id, r.study, now(), video.frame_id, gen_random_uuid() || '.webm', is_consent from response r where r.id = video.response
    returning id into made;
    return made;
end $$;

-- One of everything: account 1 a parent with child, demographics and a response; account 2 the researcher who made it.
create table test.world (parent bigint, researcher bigint, lab bigint, study bigint, child bigint, demographic bigint, response bigint);
create function test.world() returns test.world
language plpgsql as $$
declare
    w test.world;
begin
    w.parent := test.account('parent');
    w.researcher := test.account('researcher');
    w.lab := test.lab('World lab');
    w.study := test.study('World study', w.lab);
    update study set creator = w.researcher where id = w.study;
    w.child := test.child(w.parent);
    insert into demographic (account) values (w.parent) returning id into w.demographic;
    w.response := test.response(w.study, w.child);
    update response set demographic_snapshot = w.demographic where id = w.response;
    insert into consent_ruling (response, action, arbiter) values (w.response, 'accepted', w.researcher);
    insert into feedback (response, researcher, comment) values (w.response, w.researcher, 'Thank you!');
    perform test.video(w.response, '1-frame');
    return w;
end $$;
