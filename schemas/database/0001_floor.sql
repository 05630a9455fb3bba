-- What everything else stands on: small pure functions, the event log and the ledger of durable work.
--
-- Rules for these files: numbered, forward only, each runs in one transaction, a released one never changes again, and the
-- previous release must still work beside it. Words: an entity has "id" (bigint, public as pk) and "uuid" (public name);
-- a column that points at table x is called x, or by its role; true/false columns read as claims.
-- Refusals that a person may see are raised with errcode 'LKnnn', nnn the number in schemas/errors.toml.

-- ---- pure functions ----------------------------------------------------------------------------------------------------

-- Loading an existing world (a reference database, golden sets) keeps its own dates, states and links: the triggers that make
-- them stand aside while this is on. `set local lookit.importing = 'on'` in the loader's transaction.
create function is_importing() returns bool
language plpgsql stable parallel safe as $$
begin
    return coalesce(current_setting('lookit.importing', true), '') = 'on';
end $$;

-- The calendar day at the site. Age rules count in it. Zone: `alter database … set lookit.time_zone`, else that of the reference.
create function site_today() returns date
language plpgsql stable parallel safe as $$
begin
    return (now() at time zone coalesce(nullif(current_setting('lookit.time_zone', true), ''), 'America/New_York'))::date;
end $$;

-- Text for addresses: "Ann's Löffel  2" -> "anns-loffel-2". May be empty.
create function slug(value text) returns text
language sql immutable strict parallel safe as $$
    select btrim(regexp_replace(regexp_replace(lower(regexp_replace(normalize(value, NFKD), '[^\x01-\x7f]', '', 'g')),
                                               '[^a-z0-9_\s-]', '', 'g'), '[-\s]+', '-', 'g'), '-_')
$$;

-- The id under which a lab sees a person: same person and study, same id; other study, other id. The order of the three uuids
-- does not matter. Base 32 of SHA-256 with I and O replaced, so that nobody reads them as 1 and 0.
create function hash_id(a uuid, b uuid, salt uuid, digits int) returns text
language plpgsql immutable strict parallel safe as $$
declare
    mix   bit(128) := ('x' || replace(a::text, '-', ''))::bit(128) # ('x' || replace(b::text, '-', ''))::bit(128)
                      # ('x' || replace(salt::text, '-', ''))::bit(128);
    bytes bytea := '';
    bits  bit(260); -- 256 and four zero bits, to fill the 52nd digit
    word  text := '';
begin
    for i in 0..3 loop
        bytes := bytes || int4send(substring(mix from i * 32 + 1 for 32)::int);
    end loop;
    bits := ('x' || encode(sha256(bytes), 'hex'))::bit(256)::bit(260);
    for i in 0..least(digits, 52) - 1 loop
        word := word || substr('ABCDEFGHcJKLMNdPQRSTUVWXYZ234567', substring(bits from i * 5 + 1 for 5)::int + 1, 1);
    end loop;
    return word || repeat('=', least(greatest(digits - 52, 0), 4));
end $$;

-- Ages in exports are coarse: to ten days in the first year, to thirty later; halves go to the even neighbour.
create function age_rounded(days int) returns int
language sql immutable strict parallel safe as $$
    select case when days <= 360 then 10 * round(days / 10.0::float8) else 30 * round(days / 30.0::float8) end::int
$$;

-- What a browser would call true.
create function is_truthy(value jsonb) returns bool
language sql immutable parallel safe as $$
    select coalesce(value not in ('null', 'false', '0', '""', '[]', '{}'), false)
$$;

-- Names as people are called on screen, in lists, and in full (two spaces when there is no middle name).
create function display_name(nickname text, given_name text, family_name text) returns text
language sql immutable parallel safe as $$
    select case when nickname <> '' then nickname else given_name || ' ' || family_name end
$$;

create function full_name(given_name text, middle_name text, family_name text) returns text
language sql immutable parallel safe as $$
    select given_name || ' ' || middle_name || ' ' || family_name
$$;

-- ---- event: what happened ----------------------------------------------------------------------------------------------

-- Written in the transaction of its cause: audit log, and outbox of the bridge. Ids only, no personal data.
create table event (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default now(),
    kind    text not null check (kind ~ '^[a-z_]+\.[a-z_]+$'),
    account bigint,      -- who did it; no link: the log outlives the account
    subject uuid,        -- what it happened to
    body    jsonb not null default '{}',
    tx      xid8 not null default pg_current_xact_id()
);
create index event_subject on event (subject, id);
create index event_kind on event (kind, id);
comment on column event.tx is
    'A reader in order takes only events with tx < pg_snapshot_xmin(pg_current_snapshot()): a lower id may still commit.';

create function event_add(kind text, account bigint, subject uuid, body jsonb default '{}') returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into event (kind, account, subject, body) values (event_add.kind, event_add.account, event_add.subject, event_add.body)
    returning id into made;
    return made;
end $$;

-- Append-only means for us, too.
create function event_refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'an event is never changed';
end $$;
create trigger event_is_final before update on event for each row execute function event_refuse_change();

-- ---- job: what is still to be done -------------------------------------------------------------------------------------

-- A committed cause has its job; a rolled-back one has none. due -> leased -> done, or back to due with a longer wait, or
-- parked where an operator sees it.
create table job (
    id           bigint generated always as identity primary key,
    op_id        text not null unique check (length(op_id) between 1 and 300),
    kind         text not null check (kind ~ '^[a-z_]+\.[a-z_]+$'),
    payload      jsonb not null default '{}',
    state        text not null default 'due' check (state in ('due', 'leased', 'done', 'parked')),
    due_at       timestamptz not null default now(),
    attempts     int not null default 0,
    attempts_max int not null default 8 check (attempts_max between 1 and 1000),
    lease_owner  text,
    lease_until  timestamptz,
    outcome      jsonb,
    why          text not null default '',
    created_at   timestamptz not null default now(),
    finished_at  timestamptz,
    check ((state = 'leased') = (lease_until is not null))
);
create index job_waiting on job (kind, due_at, id) where state = 'due';
create index job_leased on job (lease_until) where state = 'leased';
create index job_finished on job (finished_at) where state in ('done', 'parked');

-- The same op_id twice is one job: gives the id of the first.
create function job_add(kind text, payload jsonb, op_id text, delay interval default '0', attempts_max int default 8)
returns bigint
language plpgsql as $$
declare
    made bigint;
begin
    insert into job (kind, payload, op_id, due_at, attempts_max)
    values (job_add.kind, job_add.payload, job_add.op_id, now() + job_add.delay, job_add.attempts_max)
    on conflict on constraint job_op_id_key do nothing
    returning id into made;
    if made is null then
        select j.id into made from job j where j.op_id = job_add.op_id;
    end if;
    return made;
end $$;

-- Takes up to n due jobs of these kinds for owner. A lease that ran out is taken again, as one more attempt; when no attempt
-- is left the job is parked. Never waits for another taker.
create function job_lease(kinds text[], owner text, lease interval, n int) returns setof job
language plpgsql as $$
begin
    update job j set state = 'parked', lease_owner = null, lease_until = null, finished_at = now(),
                     why = 'The last attempt never came back.'
    where j.id in (select e.id from job e
                   where e.state = 'leased' and e.lease_until < now() and e.kind = any (kinds) and e.attempts >= e.attempts_max
                   order by e.lease_until limit 100 for update skip locked);
    return query
        with due as (
            select d.id, d.due_at from job d
            where d.state = 'due' and d.kind = any (kinds) and d.due_at <= now()
            order by d.due_at, d.id limit n for update skip locked
        ), lost as (
            select e.id, e.due_at from job e
            where e.state = 'leased' and e.kind = any (kinds) and e.lease_until < now()
            order by e.lease_until limit n for update skip locked
        )
        update job j set state = 'leased', attempts = j.attempts + 1, lease_owner = owner, lease_until = now() + lease
        where j.id in (select p.id from (select * from due union all select * from lost) p order by p.due_at, p.id limit n)
        returning j.*;
end $$;

-- A long job says that it still lives. False: the lease is another's by now, stop.
create function job_renew(id bigint, owner text, lease interval) returns bool
language plpgsql as $$
begin
    update job j set lease_until = now() + lease
    where j.id = job_renew.id and j.state = 'leased' and j.lease_owner = owner;
    return found;
end $$;

-- False: the lease was lost; another finished it or will. The effects carry the op_id, so both may have run.
create function job_done(id bigint, owner text, outcome jsonb default null) returns bool
language plpgsql as $$
begin
    update job j set state = 'done', outcome = job_done.outcome, lease_owner = null, lease_until = null, finished_at = now()
    where j.id = job_done.id and j.state = 'leased' and j.lease_owner = owner;
    return found;
end $$;

-- Back to due after 5 s · 2^attempts, at most an hour, ± a fifth so that a crowd does not return at once; parked when final or
-- out of attempts. Gives the new state, null when the lease was lost.
create function job_failed(id bigint, owner text, why text, is_final bool default false) returns text
language plpgsql as $$
declare
    result text;
begin
    update job j set
        state = case when is_final or j.attempts >= j.attempts_max then 'parked' else 'due' end,
        finished_at = case when is_final or j.attempts >= j.attempts_max then now() end,
        due_at = now() + least(interval '5 s' * 2 ^ least(j.attempts, 12), interval '1 hour') * (0.8 + 0.4 * random()),
        lease_owner = null, lease_until = null, why = left(job_failed.why, 2000)
    where j.id = job_failed.id and j.state = 'leased' and j.lease_owner = owner
    returning j.state into result;
    return result;
end $$;

-- An operator lets a parked job try again, with all its attempts.
create function job_unpark(id bigint) returns bool
language plpgsql as $$
begin
    update job j set state = 'due', attempts = 0, due_at = now(), finished_at = null where j.id = job_unpark.id and j.state = 'parked';
    return found;
end $$;
