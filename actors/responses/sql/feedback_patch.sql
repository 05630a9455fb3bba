-- in: id bigint, viewer bigint, response_id bigint, comment text · out: - · rows: none
-- rights: feedback_for_change has asked and holds the row; feedback_about has asked about the response it moves to
with changed as (
    update feedback f set comment = coalesce(:comment, f.comment), response = :response_id where f.id = :id returning f.response
)
select event_add('feedback.changed', :viewer, r.uuid) from changed c join response r on r.id = c.response
