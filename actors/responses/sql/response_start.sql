-- in: viewer bigint, child uuid, study uuid, in_study uuid · out: child_id bigint, is_mine bool, study_id bigint, version bigint, snapshot bigint, is_route bool · rows: one
select c.id as child_id, coalesce(c.account = :viewer, false) as is_mine, s.id as study_id, s.version, demographic_latest(:viewer) as snapshot,
       :in_study is null or exists (select from study i where i.uuid = :in_study) as is_route
from (select) one left join child c on c.uuid = :child left join study s on s.uuid = :study
