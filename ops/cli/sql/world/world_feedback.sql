-- in: rows json · out: - · rows: none
insert into feedback (id, uuid, response, researcher, comment)
select r.pk, r.uuid, r.response, r.researcher, r.comment
from json_to_recordset(:rows) r (pk bigint, uuid uuid, response bigint, researcher bigint, comment text)
