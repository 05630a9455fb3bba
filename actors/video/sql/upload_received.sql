-- in: upload uuid · out: id bigint, study uuid, full_name text · rows: maybe
-- rights: a job of the house itself
select u.id, s.uuid as study, u.full_name
from upload u join response r on r.id = u.response join study s on s.id = r.study
where u.uuid = :upload and u.state = 'received'
for update of u
