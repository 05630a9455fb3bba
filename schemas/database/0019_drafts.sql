-- Whoever erases a session erases what was still arriving of it, too: the draft, and the file, if it became one in that moment.

create function upload_removing() returns trigger
language plpgsql as $$
declare
    its_study uuid := (select s.uuid from response r join study s on s.id = r.study where r.id = old.response);
begin
    perform job_add('video.erase', jsonb_build_object('draft', old.uuid, 'study', its_study, 'name', old.full_name),
                    'upload.erase:' || old.uuid, interval '7 days', 100);
    return old;
end $$;
create trigger upload_removing before delete on upload for each row
    when (old.state in ('receiving', 'received')) execute function upload_removing();

create or replace function response_removing() returns trigger
language plpgsql as $$
begin
    delete from upload u where u.response = old.id;
    delete from video v where v.response = old.id;
    return old;
end $$;
