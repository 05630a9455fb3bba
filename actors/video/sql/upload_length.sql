-- in: id bigint, total_bytes bigint · out: - · rows: none
update upload set total_bytes = :total_bytes where id = :id and total_bytes is null
