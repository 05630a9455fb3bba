-- in: rows json · out: - · rows: none
-- Its groups and what they may are made by its trigger.
insert into study (id, uuid, salt, hash_digits, name, date_modified, status_change_date, priority, preview_summary,
                   short_description, purpose, criteria, duration, contact_info, compensation_description, min_age_years,
                   min_age_months, min_age_days, max_age_years, max_age_months, max_age_days, criteria_expression, image, exit_url,
                   comments, comments_extra, study_type, lab, creator, structure, use_generator, generator, display_full_screen,
                   state, public, shared_preview, metadata, built, is_building)
select r.pk, r.uuid, r.salt, r.hash_digits, r.name, r.date_modified, r.status_change_date, r.priority, r.preview_summary,
       r.short_description, r.purpose, r.criteria, r.duration, r.contact_info, r.compensation_description, r.min_age[1],
       r.min_age[2], r.min_age[3], r.max_age[1], r.max_age[2], r.max_age[3], r.criteria_expression, r.image, r.exit_url,
       r.comments, r.comments_extra, r.study_type, r.lab, r.creator, coalesce(r.structure, 'null'), r.use_generator, r.generator,
       r.display_full_screen, r.state, r.public, r.shared_preview, r.metadata, r.built, r.is_building
from json_to_recordset(:rows) r (pk bigint, uuid uuid, salt uuid, hash_digits int, name text, date_modified timestamptz,
                                 status_change_date timestamptz, priority int, preview_summary text, short_description text,
                                 purpose text, criteria text, duration text, contact_info text, compensation_description text,
                                 min_age int[], max_age int[], criteria_expression text, image text, exit_url text, comments text,
                                 comments_extra jsonb, study_type int, lab bigint, creator bigint, structure jsonb,
                                 use_generator bool, generator text, display_full_screen bool, state text, public bool,
                                 shared_preview bool, metadata jsonb, built bool, is_building bool)
