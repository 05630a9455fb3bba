-- in: - · out: doc json · rows: one
select json_build_object('administrators', count(*) filter (where a.is_superuser),
                         'researchers', count(*) filter (where a.is_researcher),
                         'families', count(*) filter (where not a.is_researcher and not a.is_staff)) as doc
from account a
where a.is_active
