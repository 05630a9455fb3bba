-- in: viewer bigint, study_id bigint, child_id bigint, version bigint, snapshot bigint, conditions jsonb, global_event_timings jsonb, exp_data jsonb, sequence text[], completed bool, completed_consent_frame bool, survey_consent bool, is_preview bool, recording_method text, nulls text[] · out: id bigint, uuid uuid · rows: one
-- rights: response_start has asked whose child it is
with made as (
    insert into response (study, child, version, demographic_snapshot, conditions, global_event_timings, exp_data, sequence, completed,
                          completed_consent_frame, survey_consent, is_preview, recording_method)
    values (:study_id, :child_id, :version, :snapshot, coalesce(:conditions, '{}'), coalesce(:global_event_timings, '{}'),
            coalesce(:exp_data, '{}'), coalesce(:sequence, '{}'), coalesce(:completed, false), coalesce(:completed_consent_frame, false),
            coalesce(:survey_consent, false), coalesce(:is_preview, false),
            case when :recording_method is null and 'recording_method' = any (:nulls) then null else coalesce(:recording_method, 'pipe') end)
    returning id, uuid
), said as (
    select event_add('response.created', :viewer, m.uuid) as event from made m
)
select m.id, m.uuid from made m, said
