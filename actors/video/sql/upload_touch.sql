-- in: id bigint · out: - · rows: none
-- rights: clock work; it shows nobody anything
update upload set touched_at = now() where id = :id
