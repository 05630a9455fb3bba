-- in: rows json · out: - · rows: none
insert into consent_ruling (id, uuid, response, action, created_at, arbiter, comments)
select r.pk, r.uuid, r.response, r.action, r.created_at, r.arbiter, r.comments
from json_to_recordset(:rows) r (pk bigint, uuid uuid, response bigint, action text, created_at timestamptz, arbiter bigint,
                                 comments text)
