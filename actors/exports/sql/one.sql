-- in: viewer bigint, study bigint, response_id bigint · out: uuid uuid · rows: one
select r.uuid from response r where r.id = :response_id and r.study = :study and may_see_response(:viewer, :study, r.id)
