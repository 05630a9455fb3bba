-- in: id bigint, owner text, why text, is_final bool · out: state text · rows: one
select job_failed(:id, :owner, :why, :is_final) as state
