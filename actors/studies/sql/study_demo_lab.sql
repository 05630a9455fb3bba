-- in: - · out: lab bigint, study uuid, is_fresh bool · rows: maybe
-- rights: asks whether there are accounts at all
select l.id as lab, s.uuid as study, not exists (select from account) as is_fresh
from lab l left join study s on s.id = (select x.id from study x where x.lab = l.id and x.creator is null order by x.id limit 1) and s.state = 'approved'
where l.slug = 'demo-lab'
for update of l
