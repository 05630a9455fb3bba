-- in: data_options text[] · out: heads json · rows: one
select json_agg(c.name order by c.place) as heads
from export_column c
where export_is_wanted(c, :data_options) and c.part in ('participant', 'child') and c.key not in ('age_in_days', 'age_rounded')
