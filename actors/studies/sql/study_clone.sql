-- in: viewer bigint, study bigint · out: id bigint, uuid uuid · rows: maybe
insert into study (creator, study_type, name, lab, hash_digits, priority, shared_preview, preview_summary, short_description, purpose, criteria, duration,
                   contact_info, compensation_description, exit_url, image, min_age_years, min_age_months, min_age_days, max_age_years, max_age_months,
                   max_age_days, criteria_expression, structure, use_generator, generator, display_full_screen, metadata)
select :viewer, s.study_type, left('Copy of ' || s.name, 255), c.lab, s.hash_digits, s.priority, s.shared_preview, s.preview_summary, s.short_description,
       s.purpose, s.criteria, s.duration, s.contact_info, s.compensation_description, s.exit_url, s.image, s.min_age_years, s.min_age_months, s.min_age_days,
       s.max_age_years, s.max_age_months, s.max_age_days, s.criteria_expression, s.structure, s.use_generator, s.generator, s.display_full_screen, s.metadata
from study s, lateral (select (l ->> 'value')::bigint as lab from jsonb_array_elements(study_labs(:viewer, null)) l
                       order by (l ->> 'value')::bigint = s.lab desc nulls last limit 1) c
where s.id = :study
returning id, uuid
