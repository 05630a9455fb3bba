-- in: id bigint, viewer bigint, conditions jsonb, global_event_timings jsonb, exp_data jsonb, sequence text[], completed bool, completed_consent_frame bool, survey_consent bool, is_preview bool, recording_method text, nulls text[], eligibility text[] · out: - · rows: none
-- rights: response_for_change has asked and holds the row
with changed as (
    update response r
    set conditions = coalesce(:conditions, r.conditions), global_event_timings = coalesce(:global_event_timings, r.global_event_timings),
        exp_data = coalesce(:exp_data, r.exp_data),
        sequence = case when :exp_data is not null and s.study_type = 3 then trials_sequence(:exp_data) else coalesce(:sequence, r.sequence) end,
        completed = coalesce(:completed, r.completed), completed_consent_frame = coalesce(:completed_consent_frame, r.completed_consent_frame),
        survey_consent = coalesce(:survey_consent, r.survey_consent), is_preview = coalesce(:is_preview, r.is_preview),
        recording_method = case when :recording_method is null and 'recording_method' = any (:nulls) then null
                                else coalesce(:recording_method, r.recording_method) end,
        eligibility = coalesce(:eligibility, r.eligibility)
    from study s
    where r.id = :id and s.id = r.study
    returning r.uuid
)
select event_add('response.changed', :viewer, c.uuid) from changed c
