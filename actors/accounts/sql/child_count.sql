-- in: viewer bigint · out: n bigint · rows: one
select count(*) as n from child c where c.account = :viewer and not c.deleted
