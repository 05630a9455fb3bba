-- in: viewer bigint, study bigint, response bigint, field text, value json · out: uuid uuid · rows: maybe
with changed as (
    update response r
    set researcher_payment_status = case :field when 'researcher_payment_status' then :value #>> '{}' else r.researcher_payment_status end,
        researcher_session_status = case :field when 'researcher_session_status' then :value #>> '{}' else r.researcher_session_status end,
        researcher_star = case :field when 'researcher_star' then (:value #>> '{}') = 'true' else r.researcher_star end
    where r.id = :response and r.study = :study and may_study(:viewer, r.study, 'edit_feedback')
    returning r.uuid
), said as (
    select event_add('response.noted', :viewer, c.uuid, jsonb_build_object('field', :field)) from changed c
)
select c.uuid from changed c, said
