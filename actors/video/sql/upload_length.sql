-- in: id bigint, total_bytes bigint · out: - · rows: none
-- rights: upload_lock has asked and holds the row
update upload set total_bytes = :total_bytes where id = :id and total_bytes is null
