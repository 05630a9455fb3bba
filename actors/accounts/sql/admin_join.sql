-- in: account bigint · out: - · rows: none
select admin_join(:account)
