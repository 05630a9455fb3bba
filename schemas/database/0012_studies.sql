-- How a study goes from draft to families and back, what is said about it, and which version of it is served.

-- ---- the ways of a study (model.md §4) ---------------------------------------------------------------------------------

create table study_trigger (
    name           text primary key,
    place          int not null,
    label          text not null,
    note           text not null,
    past           text not null, -- for the one who did it
    comments_label text,          -- null: no comments are asked for, those that stand stay
    is_main        bool not null,
    is_dangerous   bool not null,
    is_review      bool not null, -- only for those who approve studies, site-wide
    needs_lab      bool not null, -- the lab must be approved
    needs_build    bool not null
);

insert into study_trigger (name, place, label, note, past, comments_label, is_main, is_dangerous, is_review, needs_lab, needs_build) values
    ('submit', 1, 'Submit for approval', 'The people who run this site look at the study before families see it.', 'The study was submitted.',
     'What should reviewers know?', true, false, false, true, false),
    ('resubmit', 2, 'Submit again', 'The people who run this site look at it once more.', 'The study was submitted.',
     'What has changed?', true, false, false, true, false),
    ('approve', 3, 'Approve', 'The lab may then start it.', 'The study was approved.', 'A word to the researchers', true, false, true, true, false),
    ('activate', 4, 'Start', 'Families can take part from then on.', 'The study was activated.', null, true, false, false, true, true),
    ('pause', 5, 'Pause', 'Nobody new can start; sessions in progress may finish.', 'The study was paused.', null, true, false, false, false, false),
    ('retract', 6, 'Take back', 'The study is not looked at; it can be submitted again.', 'The study was retracted.', null, false, false, false, false, false),
    ('reject', 7, 'Ask for changes', 'The study must be submitted and approved again.', 'The study was rejected.', 'What should change?', false, true, true, false, false),
    ('deactivate', 8, 'End', 'Data collection is over. Only an approval can start it again.', 'The study was deactivated.', null, false, true, false, false, false),
    ('archive', 9, 'Archive', 'The study vanishes from all lists, for good; its data stay.', 'The study was archived.', null, false, true, false, false, false);

create table study_step (
    trigger    text not null references study_trigger,
    from_state text not null,
    to_state   text not null,
    primary key (trigger, from_state)
);

insert into study_step (trigger, from_state, to_state) values
    ('submit', 'created', 'submitted'), ('resubmit', 'rejected', 'submitted'), ('resubmit', 'retracted', 'submitted'),
    ('retract', 'submitted', 'retracted'), ('approve', 'submitted', 'approved'),
    ('reject', 'submitted', 'rejected'), ('reject', 'active', 'rejected'), ('reject', 'paused', 'rejected'),
    ('reject', 'deactivated', 'rejected'), ('reject', 'approved', 'rejected'),
    ('activate', 'approved', 'active'), ('activate', 'paused', 'active'), ('pause', 'active', 'paused'),
    ('deactivate', 'active', 'deactivated'), ('deactivate', 'paused', 'deactivated');
insert into study_step (trigger, from_state, to_state)
select 'archive', s, 'archived' from unnest('{created,submitted,rejected,retracted,approved,active,paused,deactivated}'::text[]) s;

create function may_pull(viewer bigint, study bigint, t study_trigger) returns bool
language plpgsql stable parallel safe as $$
begin
    return may_site(viewer, 'approve') or (not t.is_review and may_study(viewer, may_pull.study, 'change_status'));
end $$;

-- ---- the protocol and its version --------------------------------------------------------------------------------------

-- What a build takes: the text as typed, or, when a generator makes the protocol, that.
create function study_protocol(s study) returns text
language plpgsql stable parallel safe as $$
begin
    if s.use_generator then
        return jsonb_build_object('use_generator', true, 'generator', s.generator)::text;
    end if;
    return coalesce(s.structure ->> 'exact_text', s.structure::text);
end $$;

-- Is what is served no longer what stands in the study?
create function study_has_changes(s study) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from study_version v where v.id = s.version
                     and v.manifest -> 'files' -> 'protocol.json' ->> 'sha256'
                         is distinct from encode(sha256(convert_to(study_protocol(s), 'UTF8')), 'hex'));
end $$;

-- Why a study cannot take this step now; null: nothing stands in its way.
create function study_hindrance(s study, t study_trigger) returns text
language plpgsql stable parallel safe as $$
begin
    return case
        when t.needs_lab and not exists (select from lab l where l.id = s.lab and l.approved_to_test)
            then 'The lab is not approved yet.'
        when t.needs_build and s.study_type = 1 and (not s.built or s.version is null)
            then 'The study is not built yet.'
        when t.needs_build and s.study_type = 1 and study_has_changes(s)
            then 'The protocol has changed since it was built. Build it again first.'
    end;
end $$;

-- From now on families get this version. False: they did before.
create function study_built(study bigint, version bigint, account bigint) returns bool
language plpgsql as $$
declare
    its_uuid uuid;
begin
    update study s set built = true, is_building = false, version = study_built.version
    where s.id = study_built.study and not (s.built and s.version = study_built.version)
    returning s.uuid into its_uuid;
    if not found then
        return false;
    end if;
    insert into study_log (study, account, action, extra)
    select study_built.study, study_built.account, 'deployed', to_jsonb('version ' || v.sha256) from study_version v where v.id = study_built.version;
    perform event_add('study.built', study_built.account, its_uuid,
                      (select jsonb_build_object('version', v.sha256) from study_version v where v.id = study_built.version));
    return true;
end $$;

create function study_build_failed(study bigint, account bigint, why text) returns void
language plpgsql as $$
begin
    insert into study_log (study, account, action, extra)
    values (study_build_failed.study, study_build_failed.account, 'failed to build', to_jsonb(why));
    perform event_add('study.build_failed', study_build_failed.account, (select s.uuid from study s where s.id = study_build_failed.study));
end $$;

-- ---- who may look, who may take part -----------------------------------------------------------------------------------

create function may_preview(viewer bigint, s study) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from account a where a.id = viewer and a.is_active and a.is_researcher)
           and (s.shared_preview or may_study(viewer, s.id, 'read_details'));
end $$;

-- The study that brought somebody here is forgotten once they start one.
create function session_forget_study(digest bytea) returns void
language sql as $$
    update session x set study = null where x.digest = session_forget_study.digest and x.study is not null
$$;

-- ---- words -------------------------------------------------------------------------------------------------------------

create function study_state_text(state text) returns text
language sql immutable strict parallel safe as $$
    select case state when 'created' then 'Draft' when 'deactivated' then 'Ended'
                      else upper(left(state, 1)) || substr(state, 2) end
$$;

create function study_type_text(study_type int) returns text
language sql immutable strict parallel safe as $$
    select case study_type when 1 then 'Lookit player' when 2 then 'on another site' else 'jsPsych' end
$$;

create function counted(n int, one text, more text) returns text
language sql immutable strict parallel safe as $$
    select n || ' ' || case n when 1 then one else more end
$$;

create function age_part_text(years int, months int, days int) returns text
language sql immutable strict parallel safe as $$
    select concat_ws(' ', case when years > 0 then counted(years, 'year', 'years') end,
                          case when months > 0 then counted(months, 'month', 'months') end,
                          case when days > 0 then counted(days, 'day', 'days') end)
$$;

-- "6 to 12 months", "birth to 18 months", "1 year 6 months to 2 years"
create function age_window_text(s study) returns text
language sql stable parallel safe as $$
    select case
        when s.max_days = 0 then 'newborn'
        when s.min_days = 0 then 'birth to ' || age_part_text(s.max_age_years, s.max_age_months, s.max_age_days)
        when s.min_days = s.max_days then age_part_text(s.max_age_years, s.max_age_months, s.max_age_days)
        when s.min_age_days + s.max_age_days + s.min_age_years + s.max_age_years = 0
            then s.min_age_months || ' to ' || counted(s.max_age_months, 'month', 'months')
        when s.min_age_days + s.max_age_days + s.min_age_months + s.max_age_months = 0
            then s.min_age_years || ' to ' || counted(s.max_age_years, 'year', 'years')
        else age_part_text(s.min_age_years, s.min_age_months, s.min_age_days) || ' to '
             || age_part_text(s.max_age_years, s.max_age_months, s.max_age_days)
    end
$$;

-- "23 November 2026, 10:12 UTC"
create function moment_text(at timestamptz) returns text
language sql stable strict parallel safe as $$
    select to_char(at at time zone 'UTC', 'FMDD FMMonth YYYY, HH24:MI') || ' UTC'
$$;

-- What a researcher reads about who can find a study.
create function discoverability_text(s study) returns text
language sql stable parallel safe as $$
    select case when s.state = 'active' and s.public then 'Listed, and reachable by everyone who has the link.'
                when s.state = 'active' then 'Not listed; reachable by everyone who has the link.'
                when s.public then 'It will be listed once it is started.'
                else 'Once it is started, only those who have the link will reach it.' end
$$;

-- What families read about a study, on its page and in its preview.
create function study_face(s study) returns json
language plpgsql stable parallel safe as $$
begin
    return (select json_build_object(
                'uuid', s.uuid, 'name', s.name, 'criteria', s.criteria, 'short_description', s.short_description,
                'purpose', s.purpose, 'duration', s.duration, 'compensation_description', s.compensation_description,
                'contact_info', s.contact_info, 'lab_name', l.name, 'lab_slug', l.slug, 'institution', l.institution,
                'age_text', age_window_text(s), 'is_external', s.study_type = 2,
                'is_scheduled', s.study_type = 2 and s.metadata -> 'scheduled' = 'true')
            from (select) one left join lab l on l.id = s.lab);
end $$;

-- A family's children and how each fits (eligibility.md §6): at most one of three messages.
create function study_children(viewer bigint, s study) returns json
language plpgsql stable parallel safe as $$
begin
    return (select coalesce(json_agg(json_build_object(
                       'uuid', c.uuid, 'given_name', c.given_name, 'age_text', age_text(c.birthday, site_today()), 'verdict', c.verdict,
                       'is_too_old', c.verdict = 'too_old', 'is_too_young', c.verdict = 'too_young', 'is_unfit', c.verdict = 'criteria')
                       order by c.birthday desc, c.id), '[]')
            from (select c.id, c.uuid, c.given_name, c.birthday,
                         case when 'Ineligible_TooOld' = any (e.codes) then 'too_old'
                              when e.codes && '{Ineligible_CriteriaExpression,Ineligible_Participation}' then 'criteria'
                              when 'Ineligible_TooYoung' = any (e.codes) then 'too_young'
                              else 'ok' end as verdict
                  from child c, lateral (select eligibility(c, s) as codes) e
                  where c.account = viewer and not c.deleted
                  order by c.birthday desc, c.id limit 100) c);
end $$;

-- Whoever decides on studies can read them.
insert into permit (permission, user_group)
select p.id, g.id from permission p, user_group g where p.name = 'read_details' and g.name = 'LOOKIT_ADMIN';

-- ---- choices of the forms ----------------------------------------------------------------------------------------------

-- Labs where the viewer may put up a study: own ones with the right, all with the right for the whole site. current: a lab to be
-- offered in any case.
create function study_labs(viewer bigint, current bigint, is_only_current bool default false) returns jsonb
language plpgsql stable parallel safe as $$
declare
    may_everywhere bool := may_site(viewer, 'create_study');
begin
    return (select coalesce(jsonb_agg(jsonb_build_object('value', l.id::text, 'label', l.name) order by l.name), '[]')
            from (select l.id, l.name from lab l
                  where l.id = current or (not is_only_current and (may_everywhere or l.id in
                      (select m.lab from lab_member m where m.account = viewer and may_lab(viewer, m.lab, 'create_study'))))
                  order by l.name limit 1000) l);
end $$;

-- s: the study that is edited, or null.
create function study_choices(viewer bigint, s study) returns json
language plpgsql stable parallel safe as $$
declare
    others json := (select coalesce(json_agg(json_build_object('value', o.uuid, 'label', o.name) order by o.name, o.id), '[]')
                    from (select o.id, o.uuid, o.name from study o
                          where o.id in (select studies_where(viewer, 'read_details')) or (o.state = 'active' and o.public)
                             or exists (select from must_have_participated h where h.study = s.id and h.other = o.id)
                             or exists (select from must_not_have_participated h where h.study = s.id and h.other = o.id)
                          order by o.name, o.id limit 500) o);
begin
    return json_build_object('lab', study_labs(viewer, s.lab, s.id is not null and not may_study(viewer, s.id, 'change_lab')),
                             'study_type', json_build_array(json_build_object('value', '1', 'label', 'Here, with the Lookit player (a JSON protocol)')),
                             'must_have_participated', others, 'must_not_have_participated', others);
end $$;
