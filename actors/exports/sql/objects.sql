-- in: viewer bigint, study bigint, data_options text[], only bigint · out: doc json · rows: many
select export_object(r, :data_options) as doc
from response r
where r.id in (select study_responses(:viewer, :study)) and (:only is null or r.id = :only)
order by r.id
limit 1000000000
