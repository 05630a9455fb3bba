-- in: id bigint, offset_bytes bigint · out: - · rows: none
-- rights: upload_lock has asked and holds the row
update upload set offset_bytes = :offset_bytes, total_bytes = :offset_bytes, state = 'received', touched_at = now()
where id = :id and state = 'receiving'
