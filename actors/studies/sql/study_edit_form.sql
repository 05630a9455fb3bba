-- in: viewer bigint, study bigint · out: may_know bool, may bool, doc json · rows: one
select may_know(:viewer, s.id, 'write_details') as may_know, may_study(:viewer, s.id, 'write_details') as may,
       json_build_object(
           'study', json_build_object('id', s.id, 'name', s.name, 'state', s.state),
           'will_be_rejected', s.state in ('approved', 'active', 'paused', 'deactivated'),
           'can', json_build_object('change_lab', may_study(:viewer, s.id, 'change_lab')),
           'form', json_build_object('values', json_build_object(
               'name', s.name, 'lab', s.lab::text, 'priority', s.priority, 'public', s.public, 'shared_preview', s.shared_preview,
               'preview_summary', s.preview_summary, 'short_description', s.short_description, 'purpose', s.purpose,
               'compensation_description', s.compensation_description, 'exit_url', s.exit_url, 'criteria', s.criteria, 'duration', s.duration,
               'contact_info', s.contact_info, 'min_age_years', s.min_age_years, 'min_age_months', s.min_age_months, 'min_age_days', s.min_age_days,
               'max_age_years', s.max_age_years, 'max_age_months', s.max_age_months, 'max_age_days', s.max_age_days,
               'must_have_participated', (select coalesce(json_agg(o.uuid), '[]') from must_have_participated h join study o on o.id = h.other where h.study = s.id),
               'must_not_have_participated', (select coalesce(json_agg(o.uuid), '[]') from must_not_have_participated h join study o on o.id = h.other where h.study = s.id),
               'criteria_expression', s.criteria_expression, 'study_type', s.study_type::text)),
           'choices', study_choices(:viewer, s)) as doc
from study s
where s.id = :study and s.state <> 'archived'
