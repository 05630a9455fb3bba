-- in: id bigint · out: - · rows: none
-- rights: a job of the house itself
update upload set state = 'stored', touched_at = now() where id = :id
