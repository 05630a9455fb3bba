-- in: session bytea · out: account bigint · rows: maybe
delete from session where digest = :session returning account
