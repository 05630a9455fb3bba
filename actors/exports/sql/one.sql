-- in: viewer bigint, study bigint, response_id bigint · out: uuid uuid · rows: one
select r.uuid from response r where r.id = :response_id and r.id in (select study_responses(:viewer, :study))
