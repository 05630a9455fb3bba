-- in: id bigint · out: uuid uuid · rows: one
select l.uuid from lab l where l.id = :id
