-- in: viewer bigint, study bigint, data_options text[], is_about_children bool · out: cells json · rows: many
select json_build_array(c.name, c.about) as cells
from export_column c
where (may_study(:viewer, :study, 'read_data') or may_study(:viewer, :study, 'read_preview_data'))
  and case when :is_about_children then c.part in ('participant', 'child') and c.key not in ('age_in_days', 'age_rounded')
           else export_is_wanted(c, :data_options) end
order by c.place
limit 100
