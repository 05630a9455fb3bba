-- in: viewer bigint, lab bigint · out: uuid uuid, may bool, may_approve bool, approved_to_test bool · rows: one
select l.uuid, may_lab(:viewer, l.id, 'edit_lab') as may, may_site(:viewer, 'approve_lab') as may_approve, l.approved_to_test
from lab l where l.id = :lab for update
