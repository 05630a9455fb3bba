-- in: ids jsonb, owner text, lease_s int · out: renewed bigint · rows: one
select count(*) filter (where job_renew(i::bigint, :owner, :lease_s * interval '1 second')) as renewed from jsonb_array_elements_text(:ids) i
