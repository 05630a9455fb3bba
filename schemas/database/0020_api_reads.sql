-- The JSON:API that reads: who sees what, what each resource looks like, and how lists are cut into pages.
--
-- A list is the array of the ids that its reader may see, in the order of the list. Every page is then a slice of it, so the last
-- costs what the first does. Rights are asked once per study and kind, never row by row.

-- ---- pages -------------------------------------------------------------------------------------------------------------

-- As in the query of an address.
create function api_encode(value text) returns text
language plpgsql immutable strict parallel safe as $$
begin
    if value ~ '^[A-Za-z0-9_.~-]*$' then
        return value;
    end if;
    return (select string_agg(case when c ~ '^[A-Za-z0-9_.~-]$' then c when c = ' ' then '+'
                                   else upper(regexp_replace(encode(convert_to(c, 'UTF8'), 'hex'), '(..)', '%\1', 'g')) end, '' order by n)
            from regexp_split_to_table(value, '') with ordinality u (c, n));
end $$;

-- query: name, value, name, value …, sorted, without the page, which is put in at its sorted place.
create function api_links(address text, query text[], page int, pages int, count int) returns json
language plpgsql stable parallel safe as $$
declare
    head text := address || '?';
    tail text := '';
begin
    for i in 1 .. coalesce(cardinality(query), 0) by 2 loop
        if query[i] collate "C" < 'page' then
            head := head || api_encode(query[i]) || '=' || api_encode(query[i + 1]) || '&';
        else
            tail := tail || '&' || api_encode(query[i]) || '=' || api_encode(query[i + 1]);
        end if;
    end loop;
    head := head || 'page=';
    return json_build_object(
        'first', head || 1 || tail, 'last', head || pages || tail,
        'next', case when page < pages then head || page + 1 || tail end, 'prev', case when page > 1 then head || page - 1 || tail end,
        'meta', json_build_object('page', page, 'pages', pages, 'count', count));
end $$;

-- The page that was asked for: its links, and its ids out of all.
create function api_page(visible bigint[], address text, query text[], page text, page_size text, out links json, out ids bigint[])
language plpgsql stable parallel safe as $$
declare
    count  int := cardinality(visible);
    size   int := case when page_size ~ '^0*[1-9][0-9]{0,8}$' then least(page_size::int, 100)
                       when page_size ~ '^0*[1-9][0-9]*$' then 100 else 10 end;
    pages  int := greatest(1, (count + size - 1) / size);
    number int := case when coalesce(page, '') = '' then 1 when page = 'last' then pages
                       when page ~ '^0*[0-9]{1,9}$' then page::int else 0 end;
begin
    if number not between 1 and pages then
        raise exception using errcode = 'LK004', message = 'Invalid page.', column = 'data';
    end if;
    links := api_links(address, query, number, pages, count);
    ids := visible[(number - 1) * size + 1 : number * size];
end $$;

-- fields[type]=a,b: only these attributes and relationships, and pk.
create function api_sparse(item json, type text, query text[]) returns json
language plpgsql stable parallel safe as $$
declare
    wanted text[];
begin
    for i in 1 .. coalesce(cardinality(query), 0) by 2 loop
        if query[i] = 'fields[' || type || ']' then
            wanted := string_to_array(query[i + 1], ',') || array['pk'];
        end if;
    end loop;
    if wanted is null then
        return item;
    end if;
    return (select json_object_agg(m.key, coalesce(k.kept, m.value) order by m.place)
            from json_each(item) with ordinality m (key, value, place)
                 left join lateral (select json_object_agg(a.key, a.value order by a.place) as kept
                                    from json_each(case when m.key in ('attributes', 'relationships') then m.value end)
                                         with ordinality a (key, value, place)
                                    where a.key = any (wanted)) k on true
            where m.key <> 'relationships' or k.kept is not null);
end $$;

-- ---- who sees what: the same rules one by one, for an item, and as sets, for lists -----------------------------------------

-- Studies, and kinds of their consented responses, that the viewer may read. only_study: of this one. "rows 1" makes the planner go
-- from each to its responses by the index, however many there are; else it walks through those of everybody.
create function readable_kinds(viewer bigint, only_study bigint default null) returns table (study bigint, is_preview bool)
language plpgsql stable parallel safe rows 1 as $$
begin
    if only_study is null then
        return query select s, false from studies_where(viewer, 'read_data') s
                     union all select s, true from studies_where(viewer, 'read_preview_data') s;
    else
        return query select only_study, false where may_study(viewer, only_study, 'read_data')
                     union all select only_study, true where may_study(viewer, only_study, 'read_preview_data');
    end if;
end $$;

create index response_readable on response (study, is_preview, date_modified desc, id desc) include (child, study_type, demographic_snapshot)
    where completed_consent_frame and ruling = 'accepted';
create index response_listed on response (study, date_modified desc, id desc) include (is_preview, study_type);
drop index response_consented; -- response_readable
drop index response_study;     -- response_listed
drop index response_date_modified; -- nobody lists the responses of everybody

-- Inlined into what asks, so that a condition on its columns finds an index.
create function readable_responses(viewer bigint, only_study bigint default null)
returns table (id bigint, study bigint, child bigint, demographic_snapshot bigint, date_modified timestamptz)
language sql stable parallel safe as $$
    select r.id, r.study, r.child, r.demographic_snapshot, r.date_modified
    from readable_kinds(viewer, only_study) k
         join response r on r.study = k.study and r.is_preview = k.is_preview and r.completed_consent_frame and r.ruling = 'accepted'
$$;

create function response_is_visible(viewer bigint, r response) returns bool
language plpgsql stable parallel safe as $$
begin
    return response_is_mine(viewer, r) or response_is_readable(viewer, r);
end $$;

create function account_is_visible(viewer bigint, a account) returns bool
language plpgsql stable parallel safe as $$
begin
    if may_site(viewer, 'read_all_user_data') then
        return a.is_active;
    end if;
    return a.id = viewer
           or exists (select from child c join readable_responses(viewer) r on r.child = c.id where c.account = a.id);
end $$;

create function child_is_visible(viewer bigint, c child) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from account a where a.id = c.account and a.is_active)
           and (c.account = viewer or may_site(viewer, 'read_all_user_data')
                or exists (select from readable_responses(viewer) r where r.child = c.id));
end $$;

create function demographic_is_visible(viewer bigint, d demographic) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from account a where a.id = d.account and a.is_active)
           and (d.account = viewer or may_site(viewer, 'read_all_user_data')
                or exists (select from readable_responses(viewer) r where r.demographic_snapshot = d.id));
end $$;

create function api_users(viewer bigint) returns bigint[]
language plpgsql stable parallel safe as $$
begin
    if may_site(viewer, 'read_all_user_data') then
        return array(select a.id from account a where a.is_active order by a.id);
    end if;
    return array(select viewer
                 union select c.account from child c where c.id in (select r.child from readable_responses(viewer) r)
                 order by 1);
end $$;

-- Youngest first unless the other order is asked for. of_user: this parent's.
create function api_children(viewer bigint, of_user uuid, ordering text) returns bigint[]
language plpgsql stable parallel safe as $$
declare
    found bigint[];
    turn  bool := (select btrim(o.term) = 'birthday' from unnest(string_to_array(ordering, ',')) with ordinality o (term, place)
                   where btrim(o.term) in ('birthday', '-birthday') order by o.place limit 1);
begin
    if of_user is not null then
        found := array(select c.id from account a join child c on c.account = a.id
                       where a.uuid = of_user and child_is_visible(viewer, c));
    elsif may_site(viewer, 'read_all_user_data') then
        found := array(select c.id from child c);
    else
        found := array(select c.id from child c where c.account = viewer
                       union select r.child from readable_responses(viewer) r);
    end if;
    return array(select c.id
                 from unnest(found) f (id) join child c on c.id = f.id join account a on a.id = c.account and a.is_active
                 order by case when turn then c.birthday end, c.birthday desc, c.id);
end $$;

-- The columns behind what the API shows of a demographic; created_at is its date_created, pk its id.
create function api_demographics(viewer bigint, of_user uuid, ordering text) returns bigint[]
language plpgsql stable parallel safe as $$
declare
    known text[] := '{number_of_children,child_birthdays,number_of_guardians,guardians_explanation,us_race_ethnicity_identification,us_race_ethnicity_identification_describe,age,gender,education_level,annual_income,former_lookit_annual_income,lookit_referrer,additional_comments,country,state,density,extra,created_at,pk}';
    found bigint[];
    terms text := (select string_agg(case ltrim(t.term, '-') when 'pk' then 'd.id'
                                          when 'us_race_ethnicity_identification' then 'array_to_string(d.us_race_ethnicity_identification, '','')'
                                          else format('d.%I', ltrim(t.term, '-')) end || case when t.term like '-%' then ' desc' else '' end,
                                     ', ' order by t.place)
                   from (select btrim(o.term), o.place from unnest(string_to_array(ordering, ',')) with ordinality o (term, place)) t (term, place)
                   where regexp_replace(t.term, '^-', '') = any (known));
begin
    if of_user is not null then
        found := array(select d.id from account a join demographic d on d.account = a.id
                       where a.uuid = of_user and demographic_is_visible(viewer, d));
    elsif may_site(viewer, 'read_all_user_data') then
        found := array(select d.id from demographic d);
    else
        found := array(select d.id from demographic d where d.account = viewer
                       union select r.demographic_snapshot from readable_responses(viewer) r);
    end if;
    execute 'select array(select d.id from unnest($1) f (id) join demographic d on d.id = f.id join account a on a.id = d.account and a.is_active '
            'order by ' || coalesce(terms || ', d.id', 'd.created_at desc, d.id desc') || ')'
    into found using found;
    return found;
end $$;

create index study_shared on study (id) where shared_preview;

create function api_studies(viewer bigint) returns bigint[]
language plpgsql stable parallel safe as $$
declare
    is_researcher bool := exists (select from account a where a.id = viewer and a.is_active and a.is_researcher);
begin
    return array(select s.id
                 from (select p.id from study p where p.state = 'active' and p.public
                       union select p.id from study p where is_researcher and p.shared_preview
                       union select p from studies_where(viewer, 'read_details') p where is_researcher) v (id)
                      join study s on s.id = v.id
                 order by s.date_modified desc, s.id desc);
end $$;

create function api_labs() returns bigint[]
language plpgsql stable parallel safe as $$
begin
    return array(select l.id from lab l where l.approved_to_test order by l.name, l.id);
end $$;

create function api_responses(viewer bigint, of_child uuid, of_study uuid) returns bigint[]
language plpgsql stable parallel safe set work_mem = '32MB' as $$
declare
    one_child bigint := (select c.id from child c where c.uuid = of_child);
    one_study bigint := (select s.id from study s where s.uuid = of_study);
begin
    if (of_child is not null and one_child is null) or (of_study is not null and one_study is null) then
        return '{}';
    elsif one_child is not null then
        return array(select r.id from response r join child c on c.id = r.child
                     where r.child = one_child and (one_study is null or r.study = one_study)
                       and (c.account = viewer
                            or r.completed_consent_frame and r.ruling = 'accepted'
                               and (r.study, r.is_preview) in (select k.study, k.is_preview from readable_kinds(viewer, one_study) k))
                     order by r.date_modified desc, r.id desc);
    end if;
    return array(select v.id
                 from (select r.id, r.date_modified from readable_responses(viewer, one_study) r
                       union all
                       select r.id, r.date_modified from child c join response r on r.child = c.id
                       where c.account = viewer and (one_study is null or r.study = one_study)
                         and not (r.completed_consent_frame and r.ruling = 'accepted'
                                  and (r.study, r.is_preview) in (select k.study, k.is_preview from readable_kinds(viewer, one_study) k))) v
                 order by v.date_modified desc, v.id desc);
end $$;

-- What the query of the responses of one study asks for. of_child: only this child's. is_none: nothing can be meant; the word is an
-- old player's for "no child".
create function api_study_filter(study uuid, child text, query text[], out is_none bool, out of_child uuid)
language plpgsql immutable parallel safe as $$
begin
    is_none := child = 'TEST_CHILD_DISREGARD' or api_filter(api_query(query, 'study'), 'study') <> study;
    is_none := coalesce(is_none, false);
    of_child := case when not is_none then api_filter(child, 'child') end;
end $$;

-- Each part comes in order from its index, so that they are merged and nothing is sorted.
create function api_study_responses(viewer bigint, s study, child text, query text[]) returns bigint[]
language plpgsql stable parallel safe set work_mem = '32MB' as $$
declare
    of_study    bigint := s.id;
    its_type    int := s.study_type;
    is_none     bool;
    one_child   uuid;
    may_real    bool;
    may_preview bool;
begin
    select f.is_none, f.of_child into is_none, one_child from api_study_filter(s.uuid, child, query) f;
    if is_none then
        return '{}';
    end if;
    may_real := one_child is null and may_study(viewer, of_study, 'read_data');
    may_preview := one_child is null and may_study(viewer, of_study, 'read_preview_data');
    return array(select v.id
                 from ((select r.id, r.date_modified from response r -- of a study elsewhere, all of them
                        where its_type = 2 and (may_real or may_preview) and r.study = of_study and r.study_type = 2
                          and case when r.is_preview then may_preview else may_real end
                        order by r.date_modified desc, r.id desc)
                       union all
                       (select r.id, r.date_modified from response r
                        where its_type <> 2 and may_real and r.study = of_study and not r.is_preview and r.study_type = its_type
                          and r.completed_consent_frame and r.ruling = 'accepted'
                        order by r.date_modified desc, r.id desc)
                       union all
                       (select r.id, r.date_modified from response r
                        where its_type <> 2 and may_preview and r.study = of_study and r.is_preview and r.study_type = its_type
                          and r.completed_consent_frame and r.ruling = 'accepted'
                        order by r.date_modified desc, r.id desc)
                       union all
                       (select r.id, r.date_modified from child c join response r on r.child = c.id and r.study = of_study
                        where c.account = viewer and (one_child is null or c.uuid = one_child)
                          and not (r.study_type = its_type and (its_type = 2 or r.completed_consent_frame and r.ruling = 'accepted')
                                   and case when r.is_preview then may_preview else may_real end)
                        order by r.date_modified desc, r.id desc)) v
                 order by v.date_modified desc, v.id desc);
end $$;

-- Is this one of them?
create function is_api_study_response(viewer bigint, s study, r response, child text, query text[]) returns bool
language plpgsql stable parallel safe as $$
declare
    f record := api_study_filter(s.uuid, child, query);
begin
    return not f.is_none
           and case when f.of_child is null then response_is_mine(viewer, r) or may_see_response(viewer, s.id, r.id)
                    else exists (select from child c where c.id = r.child and c.uuid = f.of_child and c.account = viewer) end;
end $$;

create function api_feedback(viewer bigint) returns bigint[]
language plpgsql stable parallel safe as $$
begin
    return array(select f.id from readable_responses(viewer) r join feedback f on f.response = r.id
                 union
                 select f.id from child c join response r on r.child = c.id join feedback f on f.response = r.id where c.account = viewer
                 order by 1 desc);
end $$;

-- An id in the query of a list; blank: none.
create function api_filter(value text, name text) returns uuid
language plpgsql immutable parallel safe as $$
begin
    return nullif(btrim(value), '')::uuid;
exception when invalid_text_representation then
    raise exception using errcode = 'LK010', message = 'Enter a valid UUID.', column = 'relationships/' || name;
end $$;

-- The last value of a name in the query.
create function api_query(query text[], name text) returns text
language plpgsql immutable parallel safe as $$
begin
    for i in reverse coalesce(cardinality(query), 0) - 1 .. 1 by 2 loop
        if query[i] = name then
            return (query[i + 1]);
        end if;
    end loop;
    return null;
end $$;

-- ---- what it looks like ------------------------------------------------------------------------------------------------

-- base: "https://lookit.example/api/v1/".
create function api_user(a account, base text, with_username bool) returns json
language plpgsql stable parallel safe as $$
declare
    own text := base || 'users/' || a.uuid || '/';
begin
    return json_build_object(
        'type', 'users', 'id', a.uuid,
        'attributes', case when with_username then (
            select json_object_agg(x.key, x.value order by x.place)
            from (select e.key, e.value, e.place from json_each(api_user_attributes(a)) with ordinality e (key, value, place)
                  union all select 'username', to_json(a.username), 1000) x)
            else api_user_attributes(a) end,
        'relationships', json_build_object('demographics', json_build_object('links', json_build_object('related', own || 'demographics/')),
                                           'children', json_build_object('links', json_build_object('related', own || 'children/'))),
        'links', json_build_object('self', own));
end $$;

create function api_user_attributes(a account) returns json
language plpgsql stable parallel safe as $$
begin
    return json_build_object(
        'given_name', a.given_name, 'middle_name', a.middle_name, 'family_name', a.family_name, 'nickname', a.nickname,
        'identicon', coalesce(nullif(a.identicon, ''), identicon(a.uuid)), 'is_active', a.is_active, 'is_staff', a.is_staff,
        'is_researcher', a.is_researcher, 'former_lookit_id', a.former_lookit_id, 'linked_former_lookit_ids', a.linked_former_lookit_ids,
        'email_next_session', a.email_next_session, 'email_new_studies', a.email_new_studies,
        'email_study_updates', a.email_study_updates, 'email_response_questions', a.email_response_questions,
        'date_created', api_time(a.date_created), 'pk', a.id);
end $$;

create function api_child(c child, base text) returns json
language plpgsql stable parallel safe as $$
begin
    return json_build_object(
        'type', 'children', 'id', c.uuid,
        'attributes', json_build_object(
            'given_name', c.given_name, 'birthday', c.birthday, 'gender', c.gender,
            'age_at_birth', coalesce((select x.label from choice x
                                      where x.list = 'gestational_age_at_birth' and x.value = c.gestational_age_at_birth::text),
                                     'Not sure or prefer not to answer'),
            'additional_information', c.additional_information,
            'language_list', array_to_string(language_codes(c.languages_spoken), ' '),
            'condition_list', array_to_string(condition_codes(c.existing_conditions), ' '),
            'deleted', c.deleted, 'former_lookit_profile_id', c.former_lookit_profile_id, 'pk', c.id),
        'relationships', json_build_object('user', json_build_object('links', json_build_object(
            'related', base || 'users/' || (select a.uuid from account a where a.id = c.account) || '/'))),
        'links', json_build_object('self', base || 'children/' || c.uuid || '/'));
end $$;

create function api_demographic(d demographic, base text) returns json
language plpgsql stable parallel safe as $$
begin
    return json_build_object(
        'type', 'demographics', 'id', d.uuid,
        'attributes', json_build_object(
            'number_of_children', d.number_of_children, 'child_birthdays', d.child_birthdays, 'number_of_guardians', d.number_of_guardians,
            'guardians_explanation', d.guardians_explanation, 'us_race_ethnicity_identification', d.us_race_ethnicity_identification,
            'us_race_ethnicity_identification_describe', d.us_race_ethnicity_identification_describe, 'age', d.age, 'gender', d.gender,
            'education_level', d.education_level, 'annual_income', d.annual_income,
            'former_lookit_annual_income', d.former_lookit_annual_income, 'lookit_referrer', d.lookit_referrer,
            'additional_comments', d.additional_comments, 'country', d.country, 'state', d.state, 'density', d.density,
            'extra', d.extra, 'date_created', api_time(d.created_at), 'pk', d.id),
        'links', json_build_object('self', base || 'demographics/' || d.uuid || '/'));
end $$;

create function api_study(s study, base text, origin text) returns json
language plpgsql stable parallel safe as $$
declare
    own text := base || 'studies/' || s.uuid || '/';
begin
    return json_build_object(
        'type', 'studies', 'id', s.uuid,
        'attributes', json_build_object(
            'name', s.name, 'short_description', s.short_description, 'purpose', s.purpose, 'criteria', s.criteria, 'duration', s.duration,
            'contact_info', s.contact_info, 'image', origin || '/media/' || nullif(s.image, ''), 'structure', s.structure,
            'generator', s.generator, 'use_generator', s.use_generator, 'display_full_screen', s.display_full_screen,
            'exit_url', coalesce(nullif(s.exit_url, ''), origin || '/studies/history/'), 'state', s.state, 'public', s.public, 'pk', s.id),
        'relationships', json_build_object('responses', json_build_object('links', json_build_object('related', own || 'responses/'))),
        'links', json_build_object('self', own));
end $$;

create function api_lab(l lab, base text) returns json
language plpgsql stable parallel safe as $$
begin
    return json_build_object(
        'type', 'labs', 'id', l.uuid,
        'attributes', json_build_object(
            'name', l.name, 'institution', l.institution, 'principal_investigator_name', l.principal_investigator_name,
            'lab_website', l.lab_website, 'description', l.description, 'approved_to_test', l.approved_to_test, 'pk', l.id),
        'links', json_build_object('self', base || 'labs/' || l.uuid || '/'));
end $$;

-- type: "responses", or "past_sessions", which are the same things by another name.
drop function api_response(response, text);
create function api_response(r response, base text, type text default 'responses') returns json
language plpgsql stable parallel safe as $$
begin
    return (select json_build_object(
        'type', api_response.type, 'id', r.uuid,
        'attributes', json_build_object(
            'conditions', r.conditions, 'global_event_timings', r.global_event_timings, 'exp_data', r.exp_data, 'sequence', r.sequence,
            'completed', r.completed, 'completed_consent_frame', r.completed_consent_frame, 'survey_consent', r.survey_consent,
            'created_on', api_time(r.date_created), 'is_preview', r.is_preview, 'pk', r.id,
            'withdrawn', is_withdrawn(r.study_type, r.exp_data, r.sequence),
            'hash_child_id', hash_id(c.uuid, s.uuid, s.salt, s.hash_digits),
            'recording_method', r.recording_method, 'eligibility', r.eligibility),
        'relationships', json_build_object(
            'child', json_build_object('links', json_build_object('related', base || 'children/' || c.uuid || '/')),
            'user', json_build_object('links', json_build_object('related', base || 'users/' || a.uuid || '/')),
            'study', json_build_object('links', json_build_object('related', base || 'studies/' || s.uuid || '/')),
            'demographic_snapshot', json_build_object('links', json_build_object('related', base || 'demographics/' || d.uuid || '/'))),
        'links', json_build_object('self', base || 'responses/' || r.uuid || '/'))
    from study s join child c on c.id = r.child join account a on a.id = c.account
         left join demographic d on d.id = r.demographic_snapshot
    where s.id = r.study);
end $$;

create function api_feedback(f feedback, base text) returns json
language plpgsql stable parallel safe as $$
begin
    return (select json_build_object(
        'type', 'feedback', 'id', f.uuid,
        'attributes', json_build_object('comment', f.comment, 'pk', null),
        'relationships', json_build_object(
            'response', json_build_object('links', json_build_object('related', base || 'responses/' || r.uuid || '/'),
                                          'data', json_build_object('type', 'responses', 'id', r.uuid)),
            'researcher', json_build_object('links', json_build_object('related', base || 'users/' || a.uuid || '/'),
                                            'data', case when a.id is not null then json_build_object('type', 'users', 'id', a.uuid) end)),
        'links', json_build_object('self', base || 'feedback/' || f.uuid || '/'))
    from response r left join account a on a.id = f.researcher
    where r.id = f.response);
end $$;

-- ---- identicon ---------------------------------------------------------------------------------------------------------

-- CRC-32 of PNG (ISO 3309), four bits at a time.
create function crc32(bytes bytea) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
    step constant bigint[] := '{0,498536548,997073096,651767980,1994146192,1802195444,1303535960,1342533948,3988292384,4027552580,3604390888,3412177804,2607071920,2262029012,2685067896,3183342108}';
    crc  bigint := 4294967295;
begin
    for i in 0 .. length(bytes) - 1 loop
        crc := crc # get_byte(bytes, i);
        crc := step[(crc & 15) + 1] # (crc >> 4);
        crc := step[(crc & 15) + 1] # (crc >> 4);
    end loop;
    return crc # 4294967295;
end $$;

-- A literal of deflate's fixed code (RFC 1951, 3.2.6), as bits in the order of the stream.
create function deflate_literal(value int) returns text
language sql immutable strict parallel safe as $$
    select case when value < 144 then (48 + value)::bit(8)::text else (400 + value - 144)::bit(9)::text end
$$;

-- The picture of an account: 5 × 5 cells of one colour, left and right alike, of the uuid's SHA-512, on a transparent ground; a PNG
-- of 64 × 64 pixels, 8 bits each of red, green, blue and alpha, as a data URL. A cell is 12 pixels wide and high.
--
-- A line of pixels is its filter byte (none) and six runs: a pixel of four bytes, then "as four bytes before", 44 times for a cell,
-- 12 times for the rest. The eleven lines below are "as 257 bytes before". So the deflate stream is put together from a few words.
create function identicon(uuid uuid) returns text
language plpgsql immutable strict parallel safe as $$
declare
    run_of_cell   constant text := '001001010000011';      -- length 44, distance 4
    run_of_rest   constant text := '0001001100011';        -- length 12, distance 4
    line          constant text := '11000101100000000000'; -- length 258, distance 257
    line_last     constant text := '1100010000101100000000000'; -- length 247, distance 257
    blank         constant text := '1100010100000';        -- length 258, distance 1
    blank_last    constant text := '110001000101100000';   -- length 253, distance 1
    image_bytes   constant bigint := 64 * 257;
    hash   bytea := sha512(convert_to(uuid::text, 'UTF8'));
    green  int := 10 * (get_byte(hash, 0) / 26);
    blue   int := 10 * (get_byte(hash, 0) % 26);
    empty  text := repeat(deflate_literal(0), 4);
    filled text := deflate_literal(0) || deflate_literal(green) || deflate_literal(blue) || deflate_literal(255);
    bits   text := '110'; -- the last block, of the fixed code
    sum_a  bigint := 1;   -- Adler-32 of the lines
    sum_b  bigint := image_bytes;
    place  int;
    packed bytea := '\x7801';
    chunk  bytea;
begin
    for y in 0 .. 4 loop
        bits := bits || deflate_literal(0);
        for x in 0 .. 4 loop
            place := least(x, 4 - x) * 5 + y;
            if get_byte(hash, 1 + place / 8) >> 7 - place % 8 & 1 = 1 then
                bits := bits || filled || run_of_cell;
                sum_a := sum_a + 144 * (green + blue + 255);
                -- what each byte weighs: how many come from it to the end, itself counted
                sum_b := sum_b + (144 * (image_bytes - 1) - 257 * (1728 * y + 792) - 4 * (1728 * x + 792)) * (green + blue + 255)
                               - 144 * (green + 2 * blue + 3 * 255);
            else
                bits := bits || empty || run_of_cell;
            end if;
        end loop;
        bits := bits || empty || run_of_rest || repeat(line, 10) || line_last;
    end loop;
    bits := bits || deflate_literal(0) || repeat(blank, 3) || blank_last || '0000000';
    bits := rpad(bits, (length(bits) + 7) / 8 * 8, '0');
    for i in 0 .. length(bits) / 8 - 1 loop
        packed := packed || substr(int4send(reverse(substr(bits, 8 * i + 1, 8))::bit(8)::int), 4);
    end loop;
    packed := packed || substr(int8send(sum_b % 65521 << 16 | sum_a % 65521), 5);
    chunk := convert_to('IDAT', 'UTF8') || packed;
    return 'data:image/png;base64,' || translate(encode(
        '\x89504e470d0a1a0a0000000d4948445200000040000000400806000000aa6971de'::bytea
        || int4send(length(packed)) || chunk || substr(int8send(crc32(chunk)), 5) || '\x0000000049454e44ae426082'::bytea, 'base64'),
        E'\n', '');
end $$;

-- The column keeps it, so that lists need not make it anew. One taken over from elsewhere stays as it is.
create function account_identicon() returns trigger
language plpgsql as $$
begin
    if new.identicon = '' and not is_importing() then
        new.identicon := identicon(new.uuid);
    end if;
    return new;
end $$;
create trigger account_identicon before insert on account for each row execute function account_identicon();
