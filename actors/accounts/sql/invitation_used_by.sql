-- in: invitation bigint, account bigint · out: - · rows: none
-- rights: follows invitation_take in its transaction
update invitation set used_by = :account where id = :invitation
