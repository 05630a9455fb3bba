-- in: id bigint · out: - · rows: none
-- rights: upload_lock has asked and holds the row
update upload set state = 'ended', touched_at = now() where id = :id
