-- in: id bigint · out: - · rows: none
-- rights: upload_lock has asked
update upload set touched_at = now() where id = :id
