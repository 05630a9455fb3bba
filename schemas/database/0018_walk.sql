-- A study may have a hundred thousand sessions. Whoever takes a few of them, or looks at one, pays for those few: rights are asked
-- once, and the rest is the work of an index.

create index response_walk on response (study, id);

-- The rule of study_responses(), a part at a time: behind the session "after", up to "upto", in the order of ids, at most "most"
-- (null: all). The kind of the study is looked up first: as a join, the planner took it for a rare one.
create function study_responses_after(viewer bigint, study bigint, after bigint, upto bigint, most int) returns setof bigint
language plpgsql stable parallel safe rows 20 as $$
declare
    may_real    bool := may_study(viewer, study_responses_after.study, 'read_data');
    may_preview bool := may_study(viewer, study_responses_after.study, 'read_preview_data');
    its_type    int := (select s.study_type from study s where s.id = study_responses_after.study);
begin
    if may_real or may_preview then
        return query
            select r.id from response r
            where r.study = study_responses_after.study and r.id > after and r.id <= upto and r.study_type = its_type
              and (its_type = 2 or (r.completed_consent_frame and r.ruling = 'accepted'))
              and case when r.is_preview then may_preview else may_real end
            order by r.id limit most;
    end if;
end $$;

create or replace function study_responses(viewer bigint, study bigint) returns setof bigint
language plpgsql stable parallel safe rows 1000 as $$
begin
    return query select x from study_responses_after(viewer, study_responses.study, 0, 9223372036854775807, null) x;
end $$;

-- Is this one of them?
create function may_see_response(viewer bigint, study bigint, response bigint) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from study_responses_after(viewer, may_see_response.study, may_see_response.response - 1,
                                                     may_see_response.response, 1));
end $$;
