-- in: study uuid · out: - · rows: none
with started as (
    update study s set state = 'active', status_change_date = now()
    where s.uuid = :study and s.state = 'approved' and s.built
    returning s.id, s.uuid),
logged as (insert into study_log (study, action) select id, 'active' from started)
select event_add('study.active', null, s.uuid) from started s
