-- Run at every start, before anything else: one starter at a time, and the list of what this database has seen. Never recorded.
set lock_timeout = '120s';
select pg_advisory_lock(7310193742);
create table if not exists migration (
    name       text primary key,
    sha256     text not null,
    applied_at timestamptz not null default now(),
    version    text not null -- of the program that applied it
);
