-- in: viewer bigint, feedback uuid · out: id bigint, response_id bigint, may bool · rows: maybe
select f.id, r.id as response_id, may_study(:viewer, r.study, 'edit_feedback') as may
from feedback f join response r on r.id = f.response
where f.uuid = :feedback and (response_is_mine(:viewer, r) or response_is_readable(:viewer, r))
for update of f
