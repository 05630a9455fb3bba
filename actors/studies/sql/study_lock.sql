-- in: viewer bigint, study bigint · out: uuid uuid, state text, lab bigint, may_know bool, may_write bool, may_change_lab bool · rows: one
select s.uuid, s.state, s.lab, may_know(:viewer, s.id, 'write_details') as may_know, may_study(:viewer, s.id, 'write_details') as may_write,
       may_study(:viewer, s.id, 'change_lab') as may_change_lab
from study s where s.id = :study and s.state <> 'archived' for update
