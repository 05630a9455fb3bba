-- in: viewer bigint, id bigint · out: - · rows: none
with joined as (insert into lab_member (lab, account) values (:id, :viewer))
insert into membership (account, user_group) select :viewer, l.admin_group from lab l where l.id = :id
