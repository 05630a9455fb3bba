-- in: viewer bigint, response uuid · out: id bigint, study uuid, child_account bigint · rows: maybe
select r.id, s.uuid as study, c.account as child_account
from response r join child c on c.id = r.child join study s on s.id = r.study
where r.uuid = :response and c.account = :viewer
