-- in: viewer bigint, study_type int, name text, lab bigint, priority int, public bool, shared_preview bool, preview_summary text, short_description text, purpose text, compensation_description text, exit_url text, criteria text, duration text, contact_info text, min_age_years int, min_age_months int, min_age_days int, max_age_years int, max_age_months int, max_age_days int, criteria_expression text · out: id bigint, uuid uuid · rows: one
insert into study (creator, study_type, name, lab, priority, public, shared_preview, preview_summary, short_description, purpose,
                   compensation_description, exit_url, criteria, duration, contact_info, min_age_years, min_age_months, min_age_days,
                   max_age_years, max_age_months, max_age_days, criteria_expression)
values (:viewer, :study_type, :name, :lab, :priority, :public, :shared_preview, :preview_summary, :short_description, :purpose,
        coalesce(:compensation_description, ''), :exit_url, :criteria, :duration, :contact_info, :min_age_years, :min_age_months, :min_age_days,
        :max_age_years, :max_age_months, :max_age_days, coalesce(:criteria_expression, ''))
returning id, uuid
