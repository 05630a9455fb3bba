-- in: - · out: uuid uuid, id bigint · rows: many
-- rights: clock work; nobody is shown anything
select u.uuid, u.id
from upload u
where u.state = 'receiving' and u.touched_at < now() - interval '24 hours'
order by u.touched_at
limit 20
