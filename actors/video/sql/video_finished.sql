-- in: id bigint, sha256 bytea, size_bytes bigint · out: - · rows: none
-- rights: a job of the house itself
update video set sha256 = :sha256, size_bytes = :size_bytes where id = :id
