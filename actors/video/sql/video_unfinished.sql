-- in: - · out: id bigint, study uuid, full_name text · rows: many
-- rights: a job of the house itself
select v.id, s.uuid as study, v.full_name
from video v join study s on s.id = v.study
where v.sha256 is null and v.size_bytes is not null
order by v.id
limit 20
