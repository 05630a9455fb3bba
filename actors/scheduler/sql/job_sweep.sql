-- in: - · out: - · rows: none
delete from job where id in (select j.id from job j where j.state = 'done' and j.finished_at < now() - interval '30 days' limit 1000)
