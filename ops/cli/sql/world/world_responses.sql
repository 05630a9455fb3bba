-- in: rows json · out: - · rows: none
insert into response (id, uuid, study, child, demographic_snapshot, study_type, completed, completed_consent_frame, survey_consent,
                      exp_data, conditions, global_event_timings, sequence, is_preview, recording_method, eligibility, date_created,
                      date_modified, researcher_payment_status, researcher_session_status, researcher_star)
select r.pk, r.uuid, r.study, r.child, r.demographic_snapshot, r.study_type, r.completed, r.completed_consent_frame,
       r.survey_consent, coalesce(r.exp_data, 'null'), coalesce(r.conditions, 'null'), coalesce(r.global_event_timings, 'null'),
       r.sequence, r.is_preview, r.recording_method, r.eligibility, r.date_created, r.date_modified, r.researcher_payment_status,
       r.researcher_session_status, r.researcher_star
from json_to_recordset(:rows) r (pk bigint, uuid uuid, study bigint, child bigint, demographic_snapshot bigint, study_type int,
                                 completed bool, completed_consent_frame bool, survey_consent bool, exp_data jsonb,
                                 conditions jsonb, global_event_timings jsonb, sequence text[], is_preview bool,
                                 recording_method text, eligibility text[], date_created timestamptz, date_modified timestamptz,
                                 researcher_payment_status text, researcher_session_status text, researcher_star bool)
