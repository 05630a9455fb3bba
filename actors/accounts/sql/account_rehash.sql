-- in: account bigint, password text · out: - · rows: none
update account set password = :password where id = :account
