-- in: account bigint, password text · out: - · rows: none
-- rights: the account that has just shown its password
update account set password = :password where id = :account
