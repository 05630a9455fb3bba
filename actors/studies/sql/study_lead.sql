-- in: viewer bigint, id bigint · out: - · rows: none
insert into membership (account, user_group) select :viewer, s.admin_group from study s where s.id = :id
