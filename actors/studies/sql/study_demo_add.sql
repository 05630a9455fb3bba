-- in: lab bigint, protocol text · out: uuid uuid · rows: maybe
with approved as (
    update lab l
    set approved_to_test = true, institution = 'This site',
        description = coalesce(nullif(l.description, ''), 'Look around here: this lab exists to show how taking part works.')
    where l.id = :lab)
insert into study (lab, study_type, state, status_change_date, name, public, shared_preview, preview_summary, short_description, purpose, criteria, duration,
                   contact_info, max_age_years, structure)
select :lab, 1, 'approved', now(), 'Where is the ball?', true, true,
        'A short demonstration: pictures, a chime, and a camera that you can try out.',
        'Your child looks at a few pictures and hears a chime, and then chooses one of two things to play with. The camera records while the pictures are shown.',
        'To show how a study feels for a family, and what a lab gets from it. No research question is behind it.',
        'Children of any age, and everybody who wants to see how a study works.', '3 minutes',
        'the people who run this site', 18, :protocol::jsonb || jsonb_build_object('exact_text', :protocol)
where not exists (select from study s where s.lab = :lab)
returning uuid
