-- in: viewer bigint, response_id bigint, comment text · out: id bigint, uuid uuid · rows: one
-- rights: feedback_about has asked
with made as (
    insert into feedback (response, researcher, comment) values (:response_id, :viewer, :comment) returning id, uuid, response
), said as (
    select event_add('feedback.added', :viewer, r.uuid) from made m join response r on r.id = m.response
)
select m.id, m.uuid from made m, said
