-- in: zone text · out: here timestamptz · rows: one
select (now() at time zone :zone) at time zone 'UTC' as here
