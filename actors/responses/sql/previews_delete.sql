-- in: viewer bigint, study bigint · out: n bigint · rows: one
with gone as (
    delete from response r
    where r.study = :study and r.is_preview and may_study(:viewer, r.study, 'delete_preview_data')
    returning r.uuid
)
select count(event_add('response.erased', :viewer, g.uuid)) as n from gone g
