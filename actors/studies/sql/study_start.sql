-- in: viewer bigint, study uuid, child_id uuid · out: state text, name text, contact_info text, study_type int, may_preview bool, is_built bool, has_child bool, has_demographics bool · rows: one
select s.state, s.name, s.contact_info, s.study_type, may_preview(:viewer, s) as may_preview, s.built and s.version is not null as is_built,
       exists (select from child c where c.uuid = :child_id and c.account = :viewer and not c.deleted) as has_child,
       exists (select from demographic d where d.account = :viewer) as has_demographics
from study s
where s.uuid = :study
