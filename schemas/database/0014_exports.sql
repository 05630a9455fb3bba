-- What a lab takes away: the columns of its files, and each response in those columns.

-- ---- columns -----------------------------------------------------------------------------------------------------------

-- part__key is the name of the column, and in JSON the key of the part.
create table export_column (
    place           int primary key,
    part            text not null,
    key             text not null,
    name            text not null generated always as (part || '__' || key) stored unique,
    is_optional     bool not null default false, -- only when it is asked for
    is_checked      bool not null default false, -- asked for unless the researcher says otherwise
    is_identifiable bool not null default false, -- may tell who a family is
    is_numbered     bool not null default false, -- in tables: columns name.0, name.1 … behind the others
    label           text,
    about           text not null
);

insert into export_column (place, part, key, about) values
    (1, 'response', 'id', 'Number of this response in the database.'),
    (2, 'response', 'uuid', 'Unique id of this response. It is part of the file names of its videos.'),
    (3, 'response', 'date_created', 'When the session began, UTC.'),
    (4, 'response', 'completed', 'True when the exit survey was handed in. It may have been, although frames were skipped.'),
    (5, 'response', 'withdrawn', 'True when the family took its video back in the exit survey. Only consent footage is kept then.'),
    (6, 'response', 'eligibility', 'Codes, separated by blanks: whether the child fitted the study when the session began, and if not, why.'),
    (7, 'response', 'parent_feedback', 'What the parent wrote in the exit survey, word for word. Read and redact it before you publish.'),
    (8, 'response', 'birthdate_difference', 'Days from the birthday in the child''s profile to the one typed in the exit survey; empty without a readable one. Not zero: look into it.'),
    (9, 'response', 'video_privacy', 'Who may see the video, as the family chose: private, scientific or public; empty without an exit survey.'),
    (10, 'response', 'databrary', 'Whether the video may be shared on Databrary: yes, no, or empty.'),
    (11, 'response', 'is_preview', 'True when a researcher tried the study. Leave these out of the analysis.'),
    (12, 'consent', 'ruling', 'Newest ruling on the consent: accepted, rejected or pending.'),
    (13, 'consent', 'arbiter', 'Who ruled.'),
    (14, 'consent', 'time', 'When, UTC.'),
    (15, 'consent', 'comment', 'Note of who ruled, for the lab.'),
    (16, 'study', 'uuid', 'Unique id of this study.');
insert into export_column (place, part, key, is_optional, is_checked, is_identifiable, label, about) values
    (17, 'participant', 'global_id', true, false, true, 'Parent global ID', 'Unique id of the family''s account, the same in all studies. Never publish it.'),
    (18, 'participant', 'hashed_id', false, false, false, null, 'Id of the family''s account for this study alone. Fit to be published.'),
    (19, 'participant', 'nickname', true, false, true, 'Parent name', 'What the parent wants to be called. Never publish it.'),
    (20, 'child', 'global_id', true, false, true, 'Child global ID', 'Unique id of the child, the same in all studies. Never publish it.'),
    (21, 'child', 'hashed_id', false, false, false, null, 'Id of the child for this study alone. Fit to be published.'),
    (22, 'child', 'name', true, false, true, 'Child name', 'Given name or initials. Never publish it.'),
    (23, 'child', 'birthday', true, false, true, 'Birthdate', 'The day. Never publish it.'),
    (24, 'child', 'age_in_days', true, false, true, 'Age in days', 'On the day of the session, exactly. Never publish it together with the day of the session.'),
    (25, 'child', 'age_rounded', true, true, false, 'Rounded age', 'In days on the day of the session: to the nearest 10 in the first year, to the nearest 30 later.'),
    (26, 'child', 'gender', true, true, false, 'Child gender', 'm, f, o (something else) or na (not said).'),
    (27, 'child', 'age_at_birth', true, true, false, 'Child gestational age', 'Completed weeks of pregnancy at birth, in words.'),
    (28, 'child', 'language_list', true, true, false, 'Child languages', 'Codes of the languages that the child hears, separated by blanks.'),
    (29, 'child', 'condition_list', true, true, false, 'Child conditions', 'Codes of the conditions that the parent named, separated by blanks.'),
    (30, 'child', 'additional_information', true, true, true, 'Child additional information', 'What the parent wrote for researchers, word for word. Read and redact it before you publish.');
insert into export_column (place, part, key, is_numbered, about) values
    (31, 'response', 'sequence', true, 'Ids of the frames in the order in which they were left, one a column (in JSON: a list).'),
    (32, 'response', 'conditions', true, 'What the randomizers chose, one entry for each of them; frameName tells which. [Say here what your conditions are.]');
insert into export_column (place, part, key, about) values
    (33, 'response', 'researcher_payment_status', 'Note of the lab: blank, Needs review, To pay, Do not pay or Paid.'),
    (34, 'response', 'researcher_session_status', 'Note of the lab: how far a scheduled session has come; blank when nothing was noted.'),
    (35, 'response', 'researcher_star', 'Note of the lab: True when the response was starred.');

create function export_is_wanted(c export_column, options text[]) returns bool
language sql immutable parallel safe as $$
    select not c.is_optional or c.name = any (options)
$$;

-- "Ball & box – pilot" -> "Ball---box---pilot". Letters and digits of all scripts stay.
create function file_stem(name text) returns text
language sql immutable strict parallel safe as $$
    select regexp_replace(name, '[^[:alnum:]\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2dff\u3040-\U0010ffff]', '-', 'g')
$$;


-- ---- one response in these columns -------------------------------------------------------------------------------------

create function payment_text(status text) returns text
language sql immutable parallel safe as $$
    select case status when 'review' then 'Needs review' when 'to_pay' then 'To pay' when 'do_not_pay' then 'Do not pay'
                       when 'paid' then 'Paid' else '' end
$$;

create function session_text(status text) returns text
language sql immutable parallel safe as $$
    select case status when 'withdrawn_closed' then 'Withdrawn or closed' when '' then ''
                       else upper(left(status, 1)) || replace(substr(status, 2), '_', ' ') end
$$;

-- "2019-11-07 17:13:38.702958+00:00"
create function export_time(at timestamptz) returns text
language sql stable parallel safe as $$
    select to_char(at at time zone 'UTC', case when extract(microseconds from at)::int % 1000000 = 0 then 'YYYY-MM-DD HH24:MI:SS' else 'YYYY-MM-DD HH24:MI:SS.US' end)
           || '+00:00'
$$;

-- A list: what each randomizer chose, with its frame.
create function export_conditions(conditions jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
begin
    return case jsonb_typeof(conditions)
        when 'object' then (select coalesce(jsonb_agg(jsonb_build_object('frameName', e.key)
                                                      || case jsonb_typeof(e.value) when 'object' then e.value
                                                              else jsonb_build_object('value', e.value) end
                                                      order by e.place), '[]')
                            from jsonb_each(conditions) with ordinality e (key, value, place))
        when 'array' then conditions
        else '[]' end;
end $$;

-- All values, keyed by column: wanted or not.
create function export_values(r response) returns jsonb
language plpgsql stable parallel safe as $$
declare
    s study;
    c child;
    a account;
    days int;
begin
    select x.* into s from study x where x.id = r.study;
    select x.* into c from child x where x.id = r.child;
    select x.* into a from account x where x.id = c.account;
    days := (r.date_created at time zone 'UTC')::date - c.birthday;
    return jsonb_build_object(
        'response', jsonb_build_object(
            'id', r.id::text, 'uuid', r.uuid, 'date_created', export_time(r.date_created), 'completed', r.completed,
            'withdrawn', is_withdrawn(r.study_type, r.exp_data, r.sequence), 'eligibility', r.eligibility,
            'parent_feedback', exit_value(r.study_type, r.exp_data, r.sequence, 'feedback'),
            'birthdate_difference', birthdate_difference(c.birthday, exit_value(r.study_type, r.exp_data, r.sequence, 'birthDate')),
            'video_privacy', exit_value(r.study_type, r.exp_data, r.sequence, 'useOfMedia'),
            'databrary', exit_value(r.study_type, r.exp_data, r.sequence, 'databraryShare'),
            'is_preview', r.is_preview, 'sequence', r.sequence, 'conditions', export_conditions(r.conditions),
            'researcher_payment_status', payment_text(r.researcher_payment_status),
            'researcher_session_status', session_text(r.researcher_session_status), 'researcher_star', r.researcher_star),
        'consent', (select jsonb_build_object('ruling', r.ruling, 'arbiter', max(n.arbiter), 'time', max(n.time), 'comment', max(n.comment))
                    from (select full_name(b.given_name, b.middle_name, b.family_name) as arbiter, nullif(g.comments, '') as comment,
                                 to_char(g.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as time
                          from consent_ruling g left join account b on b.id = g.arbiter
                          where g.response = r.id order by g.created_at desc, g.id desc limit 1) n),
        'study', jsonb_build_object('uuid', s.uuid),
        'participant', jsonb_build_object('global_id', a.uuid, 'hashed_id', hash_id(a.uuid, s.uuid, s.salt, s.hash_digits), 'nickname', a.nickname),
        'child', jsonb_build_object(
            'global_id', c.uuid, 'hashed_id', hash_id(c.uuid, s.uuid, s.salt, s.hash_digits), 'name', c.given_name, 'birthday', c.birthday,
            'age_in_days', days, 'age_rounded', age_rounded(days)::text, 'gender', c.gender,
            'age_at_birth', coalesce((select x.label from choice x where x.list = 'gestational_age_at_birth'
                                                                     and x.value = c.gestational_age_at_birth::text),
                                     'Not sure or prefer not to answer'),
            'language_list', array_to_string(language_codes(c.languages_spoken), ' '),
            'condition_list', array_to_string(condition_codes(c.existing_conditions), ' '),
            'additional_information', c.additional_information));
end $$;

-- The object of the JSON file: parts in the order of the columns, then what was recorded.
create function export_object(r response, options text[]) returns json
language plpgsql stable parallel safe as $$
declare
    found jsonb := export_values(r);
begin
    return (select json_object_agg(o.part, o.object order by o.place)
            from (select c.part, min(c.place) as place, json_object_agg(c.key, found -> c.part -> c.key order by c.place) as object
                  from export_column c where export_is_wanted(c, options) group by c.part
                  union all
                  select 'exp_data', 1000, r.exp_data::json) o);
end $$;

-- A nested value as rows key, value: keys joined by points, positions of lists from 0, in the order of the document; empty lists and
-- objects are nothing.
create function flattened(value jsonb) returns table (place bigint[], key text, item jsonb)
language sql immutable parallel safe rows 50 as $$
    with recursive walk (place, key, item) as (
        select '{}'::bigint[], null::text, value
        union all
        select w.place || e.n, coalesce(w.key || '.', '') || e.k, e.v
        from walk w, lateral (
            select o.ord as n, o.k, o.v from jsonb_each(case jsonb_typeof(w.item) when 'object' then w.item else '{}' end) with ordinality o (k, v, ord)
            union all
            select l.ord, (l.ord - 1)::text, l.v
            from jsonb_array_elements(case jsonb_typeof(w.item) when 'array' then w.item else '[]' end) with ordinality l (v, ord)) e
    )
    select w.place, w.key, w.item from walk w where jsonb_typeof(w.item) not in ('object', 'array') and w.key is not null
$$;

-- "a.10.b" sorts behind "a.9.b".
create function natural_key(key text) returns text
language sql immutable strict parallel safe as $$
    select string_agg(case when p ~ '^\d{1,18}$' then lpad(p, 18, '0') else p end, '.' order by n)
    from unnest(string_to_array(key, '.')) with ordinality u (p, n)
$$;

-- What of a response stands in numbered columns.
create function export_numbered(r response) returns table (key text, item jsonb)
language plpgsql stable parallel safe rows 50 as $$
begin
    return query
        select 'response__sequence.' || (u.n - 1), to_jsonb(u.frame) from unnest(r.sequence) with ordinality u (frame, n)
        union all
        select 'response__conditions.' || f.key, f.item from flattened(export_conditions(r.conditions)) f;
end $$;

-- ---- frame data, long format -------------------------------------------------------------------------------------------

-- Rows of one response: events of no frame first, then frame by frame. Cells: response_uuid, child_hashed_id, frame_id,
-- event_number, key, value. Birth dates typed in an exit survey are left out.
create function export_frame_rows(r response) returns table (n bigint, cells json)
language plpgsql stable parallel safe rows 500 as $$
declare
    hashed text := (select hash_id(c.uuid, s.uuid, s.salt, s.hash_digits) from child c, study s where c.id = r.child and s.id = r.study);
begin
    return query
        with frame (place, id, data, is_exit) as (
            select e.ord, e.key, e.value, upper(e.value ->> 'frameType') = 'EXIT'
            from jsonb_each(case when r.study_type <> 3 and jsonb_typeof(r.exp_data) = 'object' then r.exp_data else '{}' end)
                 with ordinality e (key, value, ord)
            union all
            select t.ord, r.sequence[t.ord], t.value, t.value ->> 'chs_type' = 'exit'
            from jsonb_array_elements(case when r.study_type = 3 and jsonb_typeof(r.exp_data) = 'array' then r.exp_data else '[]' end)
                 with ordinality t (value, ord)
            where t.ord <= cardinality(r.sequence)
        ), line (block, place, frame_id, event_number, key, value) as (
            select 0::bigint, array[g.ord, e.ord], 'global', (g.ord - 1)::text, e.key, e.value
            from jsonb_array_elements(case jsonb_typeof(r.global_event_timings) when 'array' then r.global_event_timings else '[]' end)
                     with ordinality g (value, ord),
                 lateral jsonb_each(case jsonb_typeof(g.value) when 'object' then g.value else '{}' end) with ordinality e (key, value, ord)
            union all
            select f.place, '{}', f.id, null, null, f.data from frame f where jsonb_typeof(f.data) <> 'object'
            union all
            select f.place, x.place, f.id,
                   case when x.key like 'eventTimings.%.%' then split_part(x.key, '.', 2) end,
                   case when x.key like 'eventTimings.%.%' then substr(x.key, 15 + length(split_part(x.key, '.', 2))) else x.key end, x.item
            from frame f, lateral flattened(case jsonb_typeof(f.data) when 'object' then f.data else '{}' end) x
            where x.key <> 'frameType' and not (x.key = 'generatedProperties' and not is_truthy(x.item))
              and not (coalesce(f.is_exit, false) and x.key in ('birthDate', 'response.birthDate'))
        )
        select row_number() over (order by l.block, l.place),
               json_build_array(r.uuid, hashed, l.frame_id, l.event_number, l.key, l.value)
        from line l;
end $$;
