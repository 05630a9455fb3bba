-- in: op uuid, reply_message int, reply bytea · out: is_first bool · rows: one
select op_add(:op, :reply_message, :reply) as is_first
