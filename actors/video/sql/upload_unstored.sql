-- in: - · out: uuid uuid · rows: many
-- rights: a job of the house itself
select u.uuid from upload u where u.state = 'received' and u.touched_at < now() - interval '10 seconds' order by u.touched_at limit 20
