-- Loading a whole world (`lookit world load`): the first and the last step of its one transaction.

-- What would stand in the way, by kind; nothing changes between this answer and the end of the transaction. When all are 0, the labs
-- of a fresh site are gone with their groups, and the triggers that make dates, states and links stand aside.
create function world_begin() returns table (accounts bigint, children bigint, labs bigint, studies bigint, responses bigint,
                                             has_demonstration bool)
language plpgsql as $$
begin
    lock table account, child, lab, study, response in share row exclusive mode;
    perform set_config('lookit.importing', 'on', true);
    accounts := (select count(*) from account);
    children := (select count(*) from child);
    labs := (select count(*) from lab l where l.slug is null or l.slug not in ('sandbox-lab', 'demo-lab'));
    studies := (select count(*) from study);
    responses := (select count(*) from response);
    has_demonstration := exists (select from study s join lab l on l.id = s.lab where l.slug = 'demo-lab');
    if accounts + children + labs + studies + responses = 0 then
        delete from user_group g using lab l
        where g.id in (l.guest_group, l.readonly_group, l.member_group, l.admin_group);
        delete from lab;
    end if;
    return next;
end $$;

-- New rows are numbered behind what was loaded, and from next_pk of the file on: {"users": 2001, …} or {"all entities": 2001}.
-- The planner learns what there is now, and the log that it came this way.
create function world_end(next_pk json) returns void
language plpgsql as $$
declare
    made record;
    last bigint;
begin
    for made in
        select * from (values ('users', 'account'), ('demographics', 'demographic'), ('children', 'child'), ('labs', 'lab'),
                              ('studies', 'study'), ('responses', 'response'), ('consent_rulings', 'consent_ruling'),
                              ('feedback', 'feedback'), ('videos', 'video')) m (entity, its_table)
    loop
        execute format('select coalesce(max(id), 0) from %I', made.its_table) into last;
        last := greatest(last, coalesce(next_pk ->> made.entity, next_pk ->> 'all entities')::bigint - 1);
        if last > 0 then
            perform setval(pg_get_serial_sequence(made.its_table, 'id'), last);
        end if;
        execute format('analyze %I', made.its_table);
    end loop;
    perform event_add('world.loaded', null, null);
end $$;
