-- in: rows json · out: - · rows: none
insert into permit (permission, study, lab, account)
select r.permission, r.study, r.lab, r."user"
from json_to_recordset(:rows) r ("user" bigint, permission int, lab bigint, study bigint)
