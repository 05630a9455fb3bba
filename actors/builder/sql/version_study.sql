-- in: viewer bigint, study uuid, is_house bool · out: id bigint, study_type int, may bool, use_generator bool, protocol text · rows: one
select s.id, s.study_type, :is_house or may_study(:viewer, s.id, 'write_details') as may, s.use_generator, study_protocol(s) as protocol
from study s
where s.uuid = :study and s.state <> 'archived' and (:is_house or may_know(:viewer, s.id, 'write_details'))
