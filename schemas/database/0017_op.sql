-- Deeds that must not be done twice: who pressed a button again, or whose answer was lost, gets the answer of the first time.

-- Written in the transaction of the deed, with its reply. id: from the digest of the whole request, its op_id and viewer included;
-- the same form sent once more with other words is another deed.
create table op (
    id            uuid primary key,
    reply_message int not null,
    reply         bytea not null check (length(reply) <= 65536),
    at            timestamptz not null default now()
);
create index op_at on op (at);

-- False: somebody has done it, or is just doing it (then this waits for the end of that).
create function op_add(id uuid, reply_message int, reply bytea) returns bool
language plpgsql as $$
begin
    insert into op (id, reply_message, reply) values (op_add.id, op_add.reply_message, op_add.reply)
    on conflict on constraint op_pkey do nothing;
    return found;
end $$;

-- A repeat comes within minutes, or with a page that was left open: a week is enough.
create function op_sweep() returns void
language plpgsql as $$
begin
    delete from op o where o.id in (select old.id from op old where old.at < now() - interval '7 days' order by old.at limit 5000);
end $$;
