-- in: viewer bigint, study bigint · out: uuid uuid · rows: one
select s.uuid from study s where s.id = :study and may_study(:viewer, s.id, 'read_details')
