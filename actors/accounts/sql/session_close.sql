-- in: session bytea · out: account bigint · rows: maybe
-- rights: whoever holds a session may end it
delete from session where digest = :session returning account
