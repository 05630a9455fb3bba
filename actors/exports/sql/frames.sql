-- in: viewer bigint, study bigint, only bigint, after bigint · out: id bigint, uuid uuid, cells json · rows: many
with part as (
    select x.id
    from study_responses_after(:viewer, :study, greatest(:after, :only - 1), coalesce(:only, 9223372036854775807), 20) x (id)
    limit 20
)
select r.id, r.uuid, f.cells
from part p join response r on r.id = p.id left join lateral export_frame_rows(r) f on true
order by r.id, f.n
