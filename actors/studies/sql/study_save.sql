-- in: study bigint, name text, new_lab bigint, priority int, public bool, shared_preview bool, preview_summary text, short_description text, purpose text, compensation_description text, exit_url text, criteria text, duration text, contact_info text, min_age_years int, min_age_months int, min_age_days int, max_age_years int, max_age_months int, max_age_days int, criteria_expression text · out: state text · rows: one
update study s
set name = :name, lab = :new_lab, priority = :priority, public = :public, shared_preview = :shared_preview,
    preview_summary = :preview_summary, short_description = :short_description, purpose = :purpose,
    compensation_description = coalesce(:compensation_description, ''), exit_url = :exit_url, criteria = :criteria, duration = :duration,
    contact_info = :contact_info, min_age_years = :min_age_years, min_age_months = :min_age_months, min_age_days = :min_age_days,
    max_age_years = :max_age_years, max_age_months = :max_age_months, max_age_days = :max_age_days,
    criteria_expression = coalesce(:criteria_expression, '')
where s.id = :study
returning s.state
