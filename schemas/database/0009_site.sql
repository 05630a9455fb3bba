-- What a site keeps to itself, and how people with rights get in.

-- Random keys that every process of one site shares (form tokens are sealed with one).
create table site_secret (
    name  text primary key check (length(name) between 1 and 60),
    value bytea not null check (length(value) between 16 and 64)
);

-- The secret of this name; fresh becomes it when there is none yet. Of several who ask at once, all get the same.
create function site_secret(name text, fresh bytea) returns bytea
language plpgsql as $$
declare
    kept bytea;
begin
    insert into site_secret (name, value) values (site_secret.name, fresh) on conflict on constraint site_secret_pkey do nothing;
    select s.value into strict kept from site_secret s where s.name = site_secret.name;
    return kept;
end $$;

-- An invitation whose link holds what digest is the SHA-256 of. Gives the time at which it ends.
create function invitation_add(role text, email text, digest bytea, creator bigint, lifetime interval default '14 days')
returns timestamptz
language plpgsql as $$
declare
    ends timestamptz := now() + lifetime;
begin
    insert into invitation (digest, role, email, creator, expires_at)
    values (invitation_add.digest, invitation_add.role, invitation_add.email, invitation_add.creator, ends);
    return ends;
end $$;

-- The link for the very first administrator: only while there is none, and a newer link ends the older ones.
create function invitation_first(digest bytea) returns bool
language plpgsql as $$
begin
    lock table invitation in share row exclusive mode;
    if exists (select from account a where a.is_superuser and a.is_active) then
        return false;
    end if;
    delete from invitation i where i.role = 'administrator' and i.creator is null and i.used_at is null;
    perform invitation_add('administrator', '', invitation_first.digest, null, '1 day');
    return true;
end $$;
