-- in: kind text, account bigint, subject uuid · out: id bigint · rows: one
select event_add(:kind, :account, :subject) as id
