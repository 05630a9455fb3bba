-- in: - · out: name text, sha256 text · rows: many
select name, sha256 from migration order by name
