-- in: viewer bigint, study bigint · out: may_feedback bool, may_delete_previews bool · rows: one
select may_study(:viewer, s.id, 'edit_feedback') as may_feedback, may_study(:viewer, s.id, 'delete_preview_data') as may_delete_previews
from study s
where s.id = :study and (may_study(:viewer, s.id, 'read_data') or may_study(:viewer, s.id, 'read_preview_data')
                         or may_study(:viewer, s.id, 'edit_feedback') or may_study(:viewer, s.id, 'delete_preview_data'))
