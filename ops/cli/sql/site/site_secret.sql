-- in: name text, fresh bytea · out: value bytea · rows: one
select site_secret(:name, :fresh) as value
