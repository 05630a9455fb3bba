-- What several pages show in the same way.

-- Which way on: the side of a family's account pages (web-families.md §4). study: the one that brought the visitor to sign up.
create function account_side(viewer bigint, digest bytea) returns json
language plpgsql stable parallel safe as $$
declare
    has_demographics bool := exists (select from demographic d where d.account = viewer);
    has_child        bool := exists (select from child c where c.account = viewer and not c.deleted);
begin
    return json_build_object(
        'has_demographics', has_demographics, 'has_child', has_child, 'may_browse', has_demographics and has_child,
        'study', (select json_build_object(
                             'uuid', s.uuid,
                             'name', case when length(s.name) > 40 then left(s.name, 39) || '…' else s.name end,
                             'is_ready', has_demographics
                                         and exists (select from child c where c.account = viewer and not c.deleted
                                                       and eligibility(c, s) = '{Eligible}'))
                  from session x join study s on s.uuid = x.study
                  where x.digest = account_side.digest and x.account = viewer));
end $$;

-- "18 months": days in the first two months, months in the first two years, then years.
create function age_text(birthday date, today date) returns text
language plpgsql immutable strict parallel safe as $$
declare
    span   interval := age(today, birthday);
    years  int := extract(year from span);
    months int := years * 12 + extract(month from span);
    days   int := today - birthday;
begin
    return case when months < 2 then days || case days when 1 then ' day' else ' days' end
                when years < 2 then months || ' months'
                else years || ' years' end;
end $$;

-- "3 May 2024"
create function day_text(day date) returns text
language sql immutable strict parallel safe as $$
    select to_char(day, 'FMDD FMMonth YYYY')
$$;

-- The first administrator belongs to the group that is told about labs and studies and decides on them.
create function admin_join(account bigint) returns void
language plpgsql as $$
begin
    insert into membership (account, user_group)
    select admin_join.account, g.id from user_group g where g.name = 'LOOKIT_ADMIN'
    on conflict do nothing;
end $$;
