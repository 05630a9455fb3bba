-- in: id bigint · out: - · rows: none
update upload set touched_at = now() where id = :id
