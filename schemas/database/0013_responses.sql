-- What a response looks like to those who may see it, and what it takes to change one.

-- ---- JSON:API ----------------------------------------------------------------------------------------------------------

-- "2026-05-01T10:55:08.010846-04:00": the clock of the site, as everywhere in the API; no fraction when there is none.
create function api_time(at timestamptz) returns text
language plpgsql stable strict parallel safe as $$
declare
    zone     text := coalesce(nullif(current_setting('lookit.time_zone', true), ''), 'America/New_York');
    here     timestamp := at at time zone zone;
    distance interval := here - (at at time zone 'UTC');
    minutes  int := extract(epoch from distance)::int / 60;
begin
    return to_char(here, 'YYYY-MM-DD"T"HH24:MI:SS')
           || case when extract(microseconds from here)::int % 1000000 = 0 then '' else to_char(here, '.US') end
           || case when minutes < 0 then '-' else '+' end
           || to_char(abs(minutes) / 60, 'FM00') || ':' || to_char(abs(minutes) % 60, 'FM00');
end $$;

-- Consented, and of a study whose data (or previews) the viewer may read.
create function response_is_readable(viewer bigint, r response) returns bool
language plpgsql stable parallel safe as $$
begin
    return r.completed_consent_frame and r.ruling = 'accepted'
           and may_study(viewer, r.study, case when r.is_preview then 'read_preview_data' else 'read_data' end);
end $$;

create function response_is_mine(viewer bigint, r response) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from child c where c.id = r.child and c.account = viewer);
end $$;

-- base: "https://lookit.example/api/v1/".
create function api_response(r response, base text) returns json
language plpgsql stable parallel safe as $$
begin
    return (select json_build_object(
        'type', 'responses', 'id', r.uuid,
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

-- The write form: what was sent is echoed as it was sent.
create function api_response_written(r response, base text, conditions json, global_event_timings json, exp_data json) returns json
language plpgsql stable parallel safe as $$
begin
    return (select json_build_object('data', json_build_object(
        'type', 'responses', 'id', r.uuid,
        'attributes', json_build_object(
            'conditions', coalesce(api_response_written.conditions, r.conditions::json),
            'global_event_timings', coalesce(api_response_written.global_event_timings, r.global_event_timings::json),
            'exp_data', coalesce(api_response_written.exp_data, r.exp_data::json), 'sequence', r.sequence,
            'completed', r.completed, 'completed_consent_frame', r.completed_consent_frame, 'survey_consent', r.survey_consent,
            'is_preview', r.is_preview, 'pk', r.id, 'withdrawn', is_withdrawn(r.study_type, r.exp_data, r.sequence),
            'recording_method', r.recording_method, 'eligibility', r.eligibility),
        'relationships', json_build_object(
            'child', json_build_object('links', json_build_object('related', base || 'children/' || c.uuid || '/'),
                                       'data', json_build_object('type', 'children', 'id', c.uuid)),
            'study', json_build_object('links', json_build_object('related', base || 'studies/' || s.uuid || '/'),
                                       'data', json_build_object('type', 'studies', 'id', s.uuid))),
        'links', json_build_object('self', base || 'responses/' || r.uuid || '/')))
    from study s join child c on c.id = r.child where s.id = r.study);
end $$;

-- ---- rules of saving ---------------------------------------------------------------------------------------------------

-- jsPsych sends all its trials each time, never fewer than before. Null: nothing is wrong with what was sent.
create function trials_refusal(study_type int, stored jsonb, sent jsonb) returns text
language plpgsql immutable parallel safe as $$
begin
    if study_type <> 3 or sent is null then
        return null;
    elsif jsonb_typeof(sent) <> 'array' then
        return 'Rejected jsPsych PATCH update: jsPsych exp_data must be a list, instead received '
               || case jsonb_typeof(sent) when 'object' then 'dict' when 'string' then 'str' when 'boolean' then 'bool'
                                          when 'number' then case when sent::text ~ '[.eE]' then 'float' else 'int' end else 'null' end;
    elsif jsonb_typeof(stored) = 'array' and jsonb_array_length(sent) < jsonb_array_length(stored) then
        return 'Rejected jsPsych PATCH update: exp_data cannot reduce in length';
    end if;
    return null;
end $$;

-- "0-chs-consent-video": the trials of jsPsych by number and kind; one without either is passed over. Takes anything, because the
-- planner may try it on a constant before it knows that nobody needs the answer.
create function trials_sequence(exp_data jsonb) returns text[]
language plpgsql immutable parallel safe as $$
begin
    return array(select left((t.value ->> 'trial_index') || '-' || (t.value ->> 'trial_type'), 128)
                 from jsonb_array_elements(case jsonb_typeof(exp_data) when 'array' then exp_data else '[]' end) with ordinality t (value, place)
                 where jsonb_typeof(t.value) = 'object' and t.value ->> 'trial_index' is not null and t.value ->> 'trial_type' is not null
                 order by t.place);
end $$;

-- What is wrong with a save of the player; null: nothing.
create function save_refusal(study_type int, save jsonb) returns text
language plpgsql immutable parallel safe as $$
declare
    strange text := (select k from jsonb_object_keys(case jsonb_typeof(save) when 'object' then save else '{}' end) k
                     where k not in ('frame', 'data', 'conditions', 'global_event_timings', 'completed', 'completed_consent_frame',
                                     'survey_consent', 'recording_method') limit 1);
begin
    return case
        when jsonb_typeof(save) <> 'object' or save = '{}' then 'A save is an object that holds something.'
        when strange is not null then 'A save has no member "' || left(strange, 60) || '".'
        when jsonb_typeof(save -> 'frame') not in ('string', 'null') then 'frame must be a text or null.'
        when save ->> 'frame' = '' or length(save ->> 'frame') > 128 then 'frame must have 1 to 128 characters.'
        when save ? 'data' and save ->> 'frame' is null then 'data needs the frame that it belongs to.'
        when save ->> 'frame' is not null and not save ? 'data' then 'A frame needs its data.'
        when save ->> 'frame' is not null and study_type <> 1 then 'This kind of study does not save frames.'
        when 'null' in (save -> 'conditions', save -> 'global_event_timings') then 'conditions and global_event_timings may not be null.'
        when exists (select from unnest('{completed,completed_consent_frame,survey_consent}'::text[]) k
                     where save ? k and jsonb_typeof(save -> k) <> 'boolean') then 'A flag must be true or false.'
        when save ? 'recording_method' and (jsonb_typeof(save -> 'recording_method') <> 'string'
                                            or length(save ->> 'recording_method') not between 1 and 50)
            then 'recording_method must have 1 to 50 characters.'
    end;
end $$;
