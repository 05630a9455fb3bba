-- What the pages about responses share.

-- What the viewer may do with the responses of a study.
create function responses_can(viewer bigint, study bigint) returns json
language plpgsql stable parallel safe as $$
begin
    return json_build_object(
        'read_responses', may_study(viewer, study, 'read_data') or may_study(viewer, study, 'read_preview_data'),
        'code_consent', may_study(viewer, study, 'code_consent') or may_study(viewer, study, 'code_preview_consent'),
        'edit_feedback', may_study(viewer, study, 'edit_feedback'),
        'delete_previews', may_study(viewer, study, 'delete_preview_data'));
end $$;

-- Which of the two kinds the viewer does not see; null: sees both.
create function responses_note(viewer bigint, study bigint) returns text
language plpgsql stable parallel safe as $$
begin
    return case when not may_study(viewer, study, 'read_data') then 'You see previews only.'
                when not may_study(viewer, study, 'read_preview_data') then 'You do not see previews.' end;
end $$;

-- Sessions by ruling, of those that the viewer may rule on or read.
create function responses_counts(viewer bigint, study bigint) returns json
language plpgsql stable parallel safe as $$
declare
    may_real    bool := may_study(viewer, study, 'read_data') or may_study(viewer, study, 'code_consent');
    may_preview bool := may_study(viewer, study, 'read_preview_data') or may_study(viewer, study, 'code_consent')
                        or may_study(viewer, study, 'code_preview_consent');
begin
    return (select json_build_object('accepted', count(*) filter (where r.ruling = 'accepted'),
                                     'pending', count(*) filter (where r.ruling = 'pending'),
                                     'rejected', count(*) filter (where r.ruling = 'rejected'))
            from response r
            where r.study = responses_counts.study and r.completed_consent_frame
              and case when r.is_preview then may_preview else may_real end);
end $$;

-- {"number": 2, "count": 3, "previous": 1, "next": 3}; null when all fits on one page.
create function paging(page int, pages int) returns json
language sql immutable parallel safe as $$
    select case when pages > 1 then json_build_object('number', page, 'count', pages, 'previous', case when page > 1 then page - 1 end,
                                                      'next', case when page < pages then page + 1 end) end
$$;

create function iso_text(at timestamptz) returns text
language sql stable strict parallel safe as $$
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- [{"value", "label", "is_selected"}, …]
create function options_of(list text, selected text) returns json
language plpgsql stable parallel safe as $$
begin
    return (select json_agg(json_build_object('value', c.value, 'label', c.label, 'is_selected', c.value = selected) order by c.place)
            from choice c where c.list = options_of.list);
end $$;

insert into choice (list, value, label, place)
select 'researcher_payment_status', v, coalesce(nullif(payment_text(v), ''), '—'), n
from unnest('{"",review,to_pay,do_not_pay,paid}'::text[]) with ordinality u (v, n);
insert into choice (list, value, label, place)
select 'researcher_session_status', v, coalesce(nullif(session_text(v), ''), '—'), n
from unnest('{"",to_schedule,scheduled,session_attended,session_complete,follow_up,communication_complete,withdrawn_closed}'::text[])
     with ordinality u (v, n);

-- "x7Kp2Q-ann": how a lab speaks of the child of a response.
create function response_child_id(r response) returns text
language plpgsql stable parallel safe as $$
begin
    return (select hash_id(c.uuid, s.uuid, s.salt, s.hash_digits) || coalesce('-' || nullif(slug(c.given_name), ''), '')
            from study s, child c where s.id = r.study and c.id = r.child);
end $$;
