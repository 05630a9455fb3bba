-- in: viewer bigint, study bigint, response_id bigint, comment text · out: uuid uuid · rows: maybe
with made as (
    insert into feedback (response, researcher, comment)
    select r.id, :viewer, :comment from response r
    where r.id = :response_id and r.study = :study and may_study(:viewer, r.study, 'edit_feedback')
    returning response
), said as (
    select event_add('feedback.added', :viewer, r.uuid) from made m join response r on r.id = m.response
)
select r.uuid from made m join response r on r.id = m.response, said
