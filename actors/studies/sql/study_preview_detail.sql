-- in: viewer bigint, study uuid · out: doc json · rows: maybe
select json_build_object('title', s.name, 'study', study_face(s), 'is_preview', true,
                         'has_demographics', exists (select from demographic d where d.account = :viewer),
                         'needs_build', s.study_type = 1 and not s.built,
                         'study_id', case when may_study(:viewer, s.id, 'read_details') then s.id end,
                         'children', study_children(:viewer, s), 'form', json_build_object('values', json_build_object('child_id', ''))) as doc
from study s
where s.uuid = :study and may_preview(:viewer, s)
