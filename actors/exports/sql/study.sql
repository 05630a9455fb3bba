-- in: viewer bigint, study bigint, data_options text[] · out: stem text, is_external bool, is_identifiable bool · rows: one
select left(file_stem(s.name), 150) as stem, s.study_type = 2 as is_external,
       exists (select from export_column c where c.is_identifiable and c.is_optional and c.name = any (:data_options)) as is_identifiable
from study s
where s.id = :study and (may_study(:viewer, s.id, 'read_data') or may_study(:viewer, s.id, 'read_preview_data'))
