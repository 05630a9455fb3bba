-- in: viewer bigint, child uuid, study uuid, in_study uuid · out: is_child bool, is_mine bool, is_study bool, is_route bool · rows: one
select exists (select from child c where c.uuid = :child) as is_child,
       exists (select from child c where c.uuid = :child and c.account = :viewer) as is_mine,
       exists (select from study s where s.uuid = :study) as is_study,
       exists (select from study s where s.uuid = :in_study) as is_route
