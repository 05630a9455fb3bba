-- in: - · out: uuid uuid, name text · rows: maybe
select s.uuid, s.name
from study s join lab l on l.id = s.lab
where l.slug = 'demo-lab' and s.state = 'active'
order by s.id
limit 1
