-- in: session bytea · out: doc json · rows: one
select session_whoami(:session) as doc
