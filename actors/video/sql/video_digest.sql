-- in: id bigint, sha256 bytea · out: - · rows: none
update video set sha256 = :sha256 where id = :id
