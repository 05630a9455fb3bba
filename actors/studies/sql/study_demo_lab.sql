-- in: - · out: lab bigint, study uuid, state text · rows: maybe
select l.id as lab, s.uuid as study, s.state
from lab l left join study s on s.id = (select x.id from study x where x.lab = l.id order by x.id limit 1)
where l.slug = 'demo-lab'
for update of l
