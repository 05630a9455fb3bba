-- in: invitation bigint, account bigint · out: - · rows: none
update invitation set used_by = :account where id = :invitation
