-- in: room jsonb, owner text, lease_s int · out: id bigint, kind text, op_id text, payload jsonb, attempts int, created_at timestamptz · rows: many
select j.id, j.kind, j.op_id, j.payload, j.attempts, j.created_at
from jsonb_each_text(:room) k, job_lease(array[k.key], :owner, :lease_s * interval '1 second', k.value::int) j
limit 1000
