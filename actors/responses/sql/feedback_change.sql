-- in: viewer bigint, study bigint, feedback_id bigint, comment text · out: uuid uuid · rows: maybe
with changed as (
    update feedback f set comment = :comment from response r
    where f.id = :feedback_id and r.id = f.response and r.study = :study and may_study(:viewer, r.study, 'edit_feedback')
    returning r.uuid
), said as (
    select event_add('feedback.changed', :viewer, c.uuid) from changed c
)
select c.uuid from changed c, said
