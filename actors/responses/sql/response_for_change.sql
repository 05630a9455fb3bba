-- in: viewer bigint, response uuid, child uuid, study uuid, exp_data jsonb · out: id bigint, is_mine bool, refusal text, child_id bigint, study_id bigint, is_same_child bool, is_same_study bool · rows: one
select r.id, response_is_mine(:viewer, r) as is_mine, trials_refusal(s.study_type, r.exp_data, :exp_data) as refusal,
       (select c.id from child c where c.uuid = :child) as child_id, (select t.id from study t where t.uuid = :study) as study_id,
       exists (select from child c where c.id = r.child and c.uuid = :child) as is_same_child, s.uuid = :study as is_same_study
from response r join study s on s.id = r.study
where r.uuid = :response and (response_is_mine(:viewer, r) or response_is_readable(:viewer, r))
for update of r
