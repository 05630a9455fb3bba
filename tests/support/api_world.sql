-- A world for the tests of the JSON:API: who is who is said by names, and t.fresh() takes back what a test changed.
create schema t;
create table t.thing (name text primary key, id bigint, uuid uuid, token text);

create function t.id(name text) returns bigint
language sql stable as $$ select id from t.thing x where x.name = $1 $$;

create function t.keep(name text, id bigint, uuid uuid) returns bigint
language sql as $$ insert into t.thing values (name, id, uuid) returning id $$;

create function t.account(name text, is_researcher bool default false, is_superuser bool default false) returns void
language plpgsql as $$
declare
    a   account;
    key text := md5(name) || left(md5(name || 'token'), 8);
begin
    insert into account (username, password, is_active, is_researcher, is_superuser, given_name, nickname)
    values (name || '@example.org', '!', true, is_researcher, is_superuser, name, name) returning * into a;
    perform t.keep(name, a.id, a.uuid);
    update t.thing x set token = key where x.name = account.name;
    insert into token (digest, account) values (sha256(convert_to(key, 'UTF8')), a.id);
end $$;

create function t.child(name text, of text, birthday date) returns void
language sql as $$
    with made as (insert into child (account, given_name, birthday, gender) values (t.id(of), name, birthday, 'f') returning id, uuid)
    select t.keep(name, id, uuid) from made
$$;

create function t.study(name text, study_type int default 1, of_lab text default 'lab') returns void
language sql as $$
    with made as (insert into study (name, lab, study_type, max_age_years) values (name, t.id(of_lab), study_type, 18) returning id, uuid)
    select t.keep(name, id, uuid) from made
$$;

-- ruling '': none, and the consent frame was not reached.
create function t.session(name text, of_child text, of_study text, ruling text, is_preview bool default false) returns void
language plpgsql as $$
declare
    r response;
begin
    insert into response (study, child, demographic_snapshot, completed_consent_frame, is_preview, study_type, date_created, date_modified)
    select t.id(of_study), c.id, (select d.id from demographic d where d.account = c.account order by d.created_at desc limit 1), ruling <> '',
           session.is_preview, s.study_type, clock_timestamp(), clock_timestamp()
    from child c, study s where c.id = t.id(of_child) and s.id = t.id(of_study) returning * into r;
    perform t.keep(name, r.id, r.uuid);
    if ruling <> '' then
        perform t.rule(name, ruling);
    end if;
end $$;

create function t.rule(name text, action text) returns void
language sql as $$ insert into consent_ruling (action, response, created_at) values (action, t.id(name), clock_timestamp()) $$;

create function t.told(name text, by text) returns void
language sql as $$
    with made as (insert into demographic (account, lookit_referrer) values (t.id(by), name) returning id, uuid)
    select t.keep(name, id, uuid) from made
$$;

-- Grants: on a study, the twin on the lab, site-wide; and the groups of a study and of the lab.
create function t.may(who text, perms text[], what text) returns void
language sql as $$
    insert into permit (permission, account, study) select p.id, t.id(who), t.id(what) from permission p where p.name = any (perms)
$$;
create function t.may_lab(who text, perms text[]) returns void
language sql as $$
    insert into permit (permission, account, lab) select p.id, t.id(who), t.id('lab') from permission p where p.name = any (perms)
$$;
create function t.may_site(who text, perms text[]) returns void
language sql as $$
    insert into permit (permission, account) select p.id, t.id(who) from permission p where p.name = any (perms)
$$;
create function t.join(who text, kind text, what text) returns void
language sql as $$
    insert into membership select t.id(who), (to_jsonb(s) ->> (kind || '_group'))::bigint from study s where s.id = t.id(what)
$$;
create function t.join_lab(who text) returns void
language sql as $$
    insert into membership select t.id(who), l.admin_group from lab l where l.id = t.id('lab')
$$;

create function t.make_researcher(who text) returns void
language sql as $$ update account set is_researcher = true where id = t.id(who) $$;
create function t.make_inactive(who text) returns void
language sql as $$ update account set is_active = false where id = t.id(who) $$;
create function t.make(what text, state text, public bool, shared bool default false) returns void
language sql as $$ update study set state = $2, public = $3, shared_preview = $4 where id = t.id(what) $$;

-- Much, and yet not the right to read what children did.
create function t.little(what text) returns void
language sql as $$
    select t.may('r', '{read_details,contact,code_consent}', what);
    select t.may_lab('r', '{lab_read_details}');
    select t.join('r', 'design', what);
    select t.join_lab('r')
$$;

select t.account('r', true), t.account('p'), t.account('q'), t.account('p1'), t.account('p2'), t.account('rp'), t.account('su', true, true),
       t.account('all', true), t.account('names', true), t.account('outsider', true);
with made as (insert into lab (name, slug, contact_email, approved_to_test) values ('Big lab', 'big', 'big@labs.example.org', true) returning id, uuid)
select t.keep('lab', id, uuid) from made;
with made as (insert into lab (name, slug, contact_email, approved_to_test) values ('Also lab', 'also', 'also@labs.example.org', true) returning id, uuid)
select t.keep('also', id, uuid) from made;
with made as (insert into lab (name, slug, contact_email) values ('New lab', 'new', 'new@labs.example.org') returning id, uuid)
select t.keep('newlab', id, uuid) from made;
select t.study('s1'), t.study('s2'), t.study('s3'), t.study('s4'), t.study('s5'), t.study('s6'), t.study('far', 2), t.study('tried', 1, 'also');
select t.told('d0', 'p'), t.told('d1', 'p1'), t.told('d2', 'p2'), t.told('d3', 'rp');
select t.child('a', 'p', '2020-05-06'), t.child('b', 'p', '2022-01-02'), t.child('c1', 'p1', '2021-01-01'), t.child('c2', 'p2', '2021-01-01'),
       t.child('rc', 'rp', '2021-01-01'), t.child('own', 'outsider', '2021-01-01'), t.child('gone', 'rp', '2019-01-01');
update child set deleted = true where id = t.id('gone');
select t.session('ya', 'a', 's1', 'accepted'), t.session('yb', 'b', 's1', 'rejected'), t.session('y1', 'c1', 's2', 'accepted'),
       t.session('y2', 'c2', 's2', 'rejected'), t.session('x', 'rc', 's3', ''), t.session('y', 'rc', 's3', 'accepted'),
       t.session('five', 'rc', 's5', 'accepted'), t.session('six', 'own', 's6', 'accepted'), t.session('elsewhere', 'rc', 'far', ''),
       t.session('preview', 'rc', 'tried', 'accepted', true);
with made as (insert into feedback (response, researcher, comment) values (t.id('y'), t.id('r'), 'Well done.') returning id, uuid)
select t.keep('f', id, uuid) from made;
select t.may_site('all', '{read_all_user_data}'), t.join_lab('all'), t.may_site('names', '{read_usernames}');

create table t.ruling as select * from consent_ruling;
create function t.fresh() returns void
language plpgsql as $$
begin
    delete from permit where account in (t.id('r'), t.id('outsider'));
    delete from membership where account in (t.id('r'), t.id('outsider'));
    delete from response where id not in (select x.id from t.thing x) or id in (select x.id from t.thing x where x.name like 'later%');
    delete from t.thing where name like 'later%';
    delete from consent_ruling;
    insert into consent_ruling select * from t.ruling;
    update account set is_active = true where not is_active;
    update account set is_researcher = false where id = t.id('p');
    update study set state = 'created', public = false, shared_preview = false;
end $$;
