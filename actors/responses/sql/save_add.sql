-- in: id bigint, number int, digest bytea, body jsonb, viewer bigint · out: - · rows: none
-- rights: response_lock has asked and holds the row
with kept as (
    insert into response_frame (response, number, frame, digest, body) values (:id, :number, :body ->> 'frame', :digest, :body)
), changed as (
    update response r
    set sequence = case when :body ->> 'frame' is null or r.sequence[cardinality(r.sequence)] = :body ->> 'frame' then r.sequence
                        else r.sequence || (:body ->> 'frame') end,
        exp_data = case when :body ->> 'frame' is null then r.exp_data
                        else r.exp_data || jsonb_build_object(:body ->> 'frame', :body -> 'data') end,
        conditions = coalesce(:body -> 'conditions', r.conditions),
        global_event_timings = coalesce(:body -> 'global_event_timings', r.global_event_timings),
        completed = r.completed or coalesce((:body -> 'completed')::bool, false),
        completed_consent_frame = r.completed_consent_frame or coalesce((:body -> 'completed_consent_frame')::bool, false),
        survey_consent = r.survey_consent or coalesce((:body -> 'survey_consent')::bool, false),
        recording_method = coalesce(:body ->> 'recording_method', r.recording_method)
    where r.id = :id
    returning r.uuid
)
select event_add('response.saved', :viewer, c.uuid, jsonb_build_object('number', :number, 'frame', :body ->> 'frame')) from changed c
