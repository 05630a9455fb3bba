-- in: kind text, account bigint, subject uuid · out: - · rows: none
select event_add(:kind, :account, :subject)
