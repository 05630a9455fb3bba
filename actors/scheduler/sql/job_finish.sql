-- in: id bigint, owner text · out: is_ours bool · rows: one
select job_done(:id, :owner) as is_ours
