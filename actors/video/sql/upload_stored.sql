-- in: id bigint · out: - · rows: none
update upload set state = 'stored', touched_at = now() where id = :id
