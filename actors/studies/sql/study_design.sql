-- in: viewer bigint, study bigint · out: may bool, study_type int · rows: one
select may_study(:viewer, s.id, 'write_details') as may, s.study_type
from study s where s.id = :study and may_know(:viewer, s.id, 'write_details')
