-- in: account bigint · out: uuid uuid · rows: maybe
-- rights: a person ends their own token; an operator, who reads the database as well, anyone's
delete from token t using account a where t.account = :account and a.id = t.account
returning a.uuid
