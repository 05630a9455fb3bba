-- in: viewer bigint, response uuid · out: id bigint, may bool · rows: maybe
select r.id, may_study(:viewer, r.study, 'edit_feedback') as may from response r where r.uuid = :response
