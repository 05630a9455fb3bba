-- in: viewer bigint, study uuid · out: state text, name text, contact_info text, doc json · rows: one
select s.state, s.name, s.contact_info,
       json_build_object('title', s.name, 'study', study_face(s), 'is_preview', false,
                         'has_demographics', exists (select from demographic d where d.account = :viewer),
                         'children', study_children(:viewer, s), 'form', json_build_object('values', json_build_object('child_id', ''))) as doc
from study s
where s.uuid = :study
