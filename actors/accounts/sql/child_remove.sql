-- in: viewer bigint, child uuid · out: uuid uuid · rows: one
update child c set deleted = true
where c.uuid = :child and c.account = :viewer
returning c.uuid
