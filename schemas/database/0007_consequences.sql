-- What follows from a change, whoever makes it. Each trigger keeps one promise of the model that no writer may forget; all else
-- is written by the statement that causes it.

-- ---- labs and studies --------------------------------------------------------------------------------------------------

-- A new lab or study has its groups, and the groups their permits.
create function lab_added() returns trigger
language plpgsql as $$
begin
    if new.admin_group is not null then
        return null;
    end if;
    update lab set guest_group = group_make('GUEST', 'Lab', new.name, new.uuid),
                   readonly_group = group_make('READONLY', 'Lab', new.name, new.uuid),
                   member_group = group_make('MEMBER', 'Lab', new.name, new.uuid),
                   admin_group = group_make('ADMIN', 'Lab', new.name, new.uuid)
    where id = new.id;
    insert into permit (lab, permission, user_group)
    select l.id, r.permission, case r.kind when 'guest' then l.guest_group when 'readonly' then l.readonly_group
                                           when 'member' then l.member_group else l.admin_group end
    from lab l, group_right r where l.id = new.id and r.about = 'lab';
    return null;
end $$;
create trigger lab_added after insert on lab for each row execute function lab_added();

create function study_groups_make(id bigint, name text, uuid uuid) returns void
language plpgsql as $$
begin
    update study s set
        preview_group = group_make('PREVIEW', 'Study', study_groups_make.name, study_groups_make.uuid),
        design_group = group_make('DESIGN', 'Study', study_groups_make.name, study_groups_make.uuid),
        analysis_group = group_make('ANALYSIS', 'Study', study_groups_make.name, study_groups_make.uuid),
        submission_processor_group = group_make('SUBMISSION_PROCESSOR', 'Study', study_groups_make.name, study_groups_make.uuid),
        researcher_group = group_make('RESEARCHER', 'Study', study_groups_make.name, study_groups_make.uuid),
        manager_group = group_make('MANAGER', 'Study', study_groups_make.name, study_groups_make.uuid),
        admin_group = group_make('ADMIN', 'Study', study_groups_make.name, study_groups_make.uuid)
    where s.id = study_groups_make.id;
    insert into permit (study, permission, user_group)
    select s.id, r.permission, g.user_group
    from study s, lateral (values ('preview', s.preview_group), ('design', s.design_group), ('analysis', s.analysis_group),
                                  ('submission_processor', s.submission_processor_group), ('researcher', s.researcher_group),
                                  ('manager', s.manager_group), ('admin', s.admin_group)) g (kind, user_group)
         join group_right r on r.about = 'study' and r.kind = g.kind
    where s.id = study_groups_make.id;
end $$;

create function study_added() returns trigger
language plpgsql as $$
begin
    if not is_importing() then
        insert into study_log (study, action, account) values (new.id, 'created', new.creator);
    end if;
    if new.admin_group is null then
        perform study_groups_make(new.id, new.name, new.uuid);
    end if;
    return null;
end $$;
create trigger study_added after insert on study for each row execute function study_added();

-- An expression is compiled when it is saved. One that does not compile (an imported one; the form refuses it) fits nobody.
create function study_criteria_compile() returns trigger
language plpgsql as $$
begin
    new.criteria_program := criteria_compile(new.criteria_expression);
    return new;
exception when sqlstate 'LK010' then
    new.criteria_program := null;
    return new;
end $$;
create trigger study_criteria_added before insert on study for each row execute function study_criteria_compile();
create trigger study_criteria_changed before update of criteria_expression on study for each row
    when (old.criteria_expression is distinct from new.criteria_expression or new.criteria_program is null)
    execute function study_criteria_compile();

-- What a reviewer approved is what families see: a change of it takes the approval back. Only the text as typed (exact_text) and the
-- builder's note of the player it used may change. The day of the last status change stays; nobody is written to.
create function study_changing() returns trigger
language plpgsql as $$
declare
    is_noted_player bool := not old.metadata ? 'last_known_player_sha' and old.metadata = new.metadata - 'last_known_player_sha';
begin
    if is_importing() then
        return new;
    end if;
    new.date_modified := now();
    if new.state in ('approved', 'active', 'paused', 'deactivated')
       and ((old.metadata <> new.metadata and not is_noted_player)
            or old.structure -> 'frames' is distinct from new.structure -> 'frames'
            or old.structure -> 'sequence' is distinct from new.structure -> 'sequence'
            or (old.generator, old.use_generator, old.name, old.short_description, old.purpose, old.duration, old.contact_info,
                old.image, old.exit_url, old.study_type, old.compensation_description, old.lab)
               is distinct from
               (new.generator, new.use_generator, new.name, new.short_description, new.purpose, new.duration, new.contact_info,
                new.image, new.exit_url, new.study_type, new.compensation_description, new.lab))
    then
        new.state := 'rejected';
        new.comments := 'This study was changed after it had been approved. Please submit it again, so that the change can be looked at.';
        insert into study_log (study, action) values (new.id, 'rejected');
        perform event_add('study.approval_reset', null, new.uuid);
    end if;
    if old.lab is not null and new.lab is distinct from old.lab then
        delete from membership m
        where m.user_group in (new.preview_group, new.design_group, new.analysis_group, new.submission_processor_group,
                               new.researcher_group, new.manager_group, new.admin_group)
          and not exists (select from lab_member l where l.lab = new.lab and l.account = m.account);
    end if;
    return new;
end $$;
create trigger study_changing before update on study for each row execute function study_changing();

-- A new researcher finds the lab to look at and the lab to play in. Becoming one later does not do this.
create function account_added() returns trigger
language plpgsql as $$
begin
    if new.is_researcher and not is_importing() then
        insert into lab_member (lab, account) select l.id, new.id from lab l where l.name in ('Demo lab', 'Sandbox lab');
        insert into membership (account, user_group)
        select new.id, g.user_group
        from (select case l.name when 'Demo lab' then l.readonly_group else l.guest_group end as user_group
              from lab l where l.name in ('Demo lab', 'Sandbox lab')) g
        where g.user_group is not null;
    end if;
    return null;
end $$;
create trigger account_added after insert on account for each row execute function account_added();

-- ---- responses ---------------------------------------------------------------------------------------------------------

-- Judged before it is stored, so that a study that forbids itself fits the first time.
create function response_adding() returns trigger
language plpgsql as $$
begin
    if is_importing() then
        return new;
    end if;
    select s.study_type, eligibility(c, s) into new.study_type, new.eligibility
    from study s, child c where s.id = new.study and c.id = new.child;
    if not found then -- the foreign keys say which
        new.eligibility := '{}';
        new.study_type := 1;
    end if;
    return new;
end $$;
create trigger response_adding before insert on response for each row execute function response_adding();

create function response_changing() returns trigger
language plpgsql as $$
begin
    if not is_importing() then
        new.date_modified := now();
    end if;
    return new;
end $$;
create trigger response_changing before update on response for each row execute function response_changing();

-- The frame in hand decides: an exit frame with a withdrawal erases what was recorded, consent excepted; a consent frame makes its
-- recordings consent footage. A missing frame or an odd shape is nothing.
create function response_changed() returns trigger
language plpgsql as $$
declare
    last  text := new.sequence[cardinality(new.sequence)];
    frame jsonb := case new.study_type when 1 then new.exp_data -> last when 3 then new.exp_data -> -1 end;
    kind  text;
begin
    if is_importing() or jsonb_typeof(frame) is distinct from 'object' then
        return null;
    end if;
    kind := lower(frame ->> case new.study_type when 1 then 'frameType' else 'chs_type' end);
    if kind = 'consent' then
        update video v set is_consent_footage = true
        where v.response = new.id and v.frame_id = last and not v.is_consent_footage;
    elsif kind = 'exit' and is_truthy(case new.study_type when 1 then frame else frame -> 'response' end -> 'withdrawal') then
        delete from video v where v.response = new.id and not v.is_consent_footage;
    end if;
    return null;
end $$;
create trigger response_changed after update on response for each row
    when (cardinality(new.sequence) > 0) execute function response_changed();

-- The newest ruling of each response touched.
create function ruling_changed() returns trigger
language plpgsql as $$
declare
    touched bigint := case when tg_op = 'DELETE' then old.response else new.response end;
begin
    update response r set ruling = coalesce((select c.action from consent_ruling c where c.response = touched
                                             order by c.created_at desc, c.id desc limit 1), 'pending')
    where r.id = touched;
    return null;
end $$;
create trigger ruling_changed after insert or update or delete on consent_ruling for each row execute function ruling_changed();

-- ---- video -------------------------------------------------------------------------------------------------------------

-- A recording that arrives late is treated as one that was in time.
create function video_adding() returns trigger
language plpgsql as $$
begin
    if not new.is_consent_footage and not is_importing() then
        new.is_consent_footage := coalesce((select upper(r.exp_data -> new.frame_id ->> 'frameType') = 'CONSENT'
                                            from response r where r.id = new.response and r.study_type = 1
                                              and jsonb_typeof(r.exp_data -> new.frame_id) = 'object'), false);
    end if;
    return new;
end $$;
create trigger video_adding before insert on video for each row execute function video_adding();

create function video_added() returns trigger
language plpgsql as $$
begin
    if not is_importing() and exists (select from response r where r.id = new.response
                                        and is_withdrawn(r.study_type, r.exp_data, r.sequence)) then
        delete from video v where v.id = new.id;
    end if;
    return null;
end $$;
create trigger video_added after insert on video for each row when (not new.is_consent_footage) execute function video_added();

-- The row goes at once, the file a week later. Where it lies is decided now: the rows that say it will be gone.
create function video_removing() returns trigger
language plpgsql as $$
declare
    store text;
begin
    select case when s.study_type = 3 then 'jspsych'
                when r.study_type = 1 and lower(r.recording_method) = 'pipe' then 'pipe'
                else 'recordrtc' end
    into store
    from study s left join response r on r.id = old.response where s.id = old.study;
    perform job_add('video.erase', jsonb_build_object('video', old.uuid, 'name', old.full_name, 'store', store),
                    'video.erase:' || old.uuid, interval '7 days', 100);
    return old;
end $$;
create trigger video_removing before delete on video for each row execute function video_removing();

-- Before the response, not by the cascade after it: its recording method says where the files lie.
create function response_removing() returns trigger
language plpgsql as $$
begin
    delete from video v where v.response = old.id;
    return old;
end $$;
create trigger response_removing before delete on response for each row execute function response_removing();
