-- in: viewer bigint, response uuid · out: id bigint, study_type int, has_frames bool · rows: one
select r.id, r.study_type, jsonb_typeof(r.exp_data) = 'object' as has_frames
from response r
where r.uuid = :response and exists (select from child c where c.id = r.child and c.account = :viewer)
for update of r
