-- in: viewer bigint, upload uuid · out: id bigint, offset_bytes bigint, total_bytes bigint, state text · rows: one
select u.id, u.offset_bytes, u.total_bytes, u.state
from upload u join response r on r.id = u.response join child c on c.id = r.child
where u.uuid = :upload and c.account = :viewer
for update of u
