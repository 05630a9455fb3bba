-- in: rows json · out: - · rows: none
-- When all are there: the one before may stand further down in the file.
update demographic d set previous = r.previous
from json_to_recordset(:rows) r (pk bigint, previous bigint)
where d.id = r.pk and r.previous is not null
