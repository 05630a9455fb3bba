-- in: viewer bigint, study bigint · out: doc json · rows: maybe
select json_build_object(
    'study', json_build_object('id', s.id, 'uuid', s.uuid, 'name', s.name, 'is_external', s.study_type = 2),
    'can', responses_can(:viewer, s.id), 'note', responses_note(:viewer, s.id),
    'count', n.n, 'count_text', counted(n.n, 'session', 'sessions'),
    'previews', (select case when count(*) > 0 then json_build_object('count', count(*)) end
                 from response r where r.study = s.id and r.is_preview),
    'options', (select json_agg(json_build_object('value', c.name, 'label', c.label, 'is_checked', c.is_checked,
                                                  'is_identifiable', c.is_identifiable) order by c.place)
                from export_column c where c.is_optional)) as doc
from study s, lateral (select count(*)::int as n from study_responses(:viewer, s.id)) n
where s.id = :study and (may_study(:viewer, s.id, 'read_data') or may_study(:viewer, s.id, 'read_preview_data'))
