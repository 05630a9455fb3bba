-- in: id bigint, sha256 bytea, size_bytes bigint · out: - · rows: none
update video set sha256 = :sha256, size_bytes = :size_bytes where id = :id
