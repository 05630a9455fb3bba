-- in: digest bytea · out: doc json · rows: one
select token_whoami(:digest) as doc
