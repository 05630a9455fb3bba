-- in: id bigint · out: - · rows: none
update upload set state = 'ended', touched_at = now() where id = :id
