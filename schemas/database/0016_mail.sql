-- Which mail follows which step of a study (model.md §4), and who gets it. Each reader has a job of their own: one mailbox that
-- refuses holds up nobody else, and a try that is repeated writes to no one twice. Payloads hold ids, no addresses.

alter table study_step add column mail text;
update study_step set mail = case trigger
    when 'submit' then 'study_submitted' when 'resubmit' then 'study_submitted' when 'retract' then 'study_retracted'
    when 'activate' then 'study_activated' when 'pause' then 'study_paused' when 'deactivate' then 'study_deactivated'
    when 'approve' then 'study_approved'
    when 'reject' then case from_state when 'approved' then 'study_rescinded' else 'study_changes' end end;

-- Answers of reviewers go to those who may change the study's status, all else to the people who run the site. Asked again when
-- the mail is sent: who left meanwhile gets none.
create function study_mail_readers(study bigint, mail text) returns setof bigint
language plpgsql stable parallel safe rows 10 as $$
begin
    if mail in ('study_approved', 'study_changes', 'study_rescinded') then
        return query select s from study_staff(study_mail_readers.study, 'change_status') s;
    else
        return query select a.id from account a join membership m on m.account = a.id join user_group g on g.id = m.user_group
                     where g.name = 'LOOKIT_ADMIN' and a.is_active;
    end if;
end $$;

-- Thirty tries are about a day: a mail server may be away for a night.
create function study_mail_add(study bigint, mail text, log bigint, origin text) returns void
language plpgsql as $$
begin
    perform job_add('mail.send', jsonb_build_object('mail', mail, 'log', log, 'account', r, 'origin', origin),
                    'mail:study:' || log || ':' || r, '0', 30)
    from study_mail_readers(study_mail_add.study, mail) r where mail is not null;
end $$;

-- The file of a video lies in its study's folder; the row that knew which is gone by the time it is erased. Recordings are named
-- after their study, so that jobs that wait already can be told.
create or replace function video_removing() returns trigger
language plpgsql as $$
declare
    store text;
    its_study uuid;
begin
    select case when s.study_type = 3 then 'jspsych'
                when r.study_type = 1 and lower(r.recording_method) = 'pipe' then 'pipe'
                else 'recordrtc' end, s.uuid
    into store, its_study
    from study s left join response r on r.id = old.response where s.id = old.study;
    perform job_add('video.erase', jsonb_build_object('video', old.uuid, 'study', its_study, 'name', old.full_name, 'store', store),
                    'video.erase:' || old.uuid, interval '7 days', 100);
    return old;
end $$;

update job set payload = payload || jsonb_build_object('study', substring(payload ->> 'name' from
    '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'))
where kind = 'video.erase' and not payload ? 'study';
