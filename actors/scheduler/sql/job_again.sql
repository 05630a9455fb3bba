-- in: job bigint · out: is_due bool · rows: one
select job_unpark(:job) as is_due
