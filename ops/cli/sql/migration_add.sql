-- in: name text, sha256 text, version text · out: - · rows: none
insert into migration (name, sha256, version) values (:name, :sha256, :version)
