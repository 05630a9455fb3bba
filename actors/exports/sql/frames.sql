-- in: viewer bigint, study bigint, only bigint · out: uuid uuid, cells json · rows: many
select r.uuid, f.cells
from response r left join lateral export_frame_rows(r) f on true
where r.id in (select study_responses(:viewer, :study)) and (:only is null or r.id = :only)
order by r.id, f.n
limit 1000000000
