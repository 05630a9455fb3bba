-- in: viewer bigint, study uuid, child uuid, is_preview bool · out: name text, contact_info text, state text, may_preview bool, has_child bool, version text, doc json · rows: one
select s.name, s.contact_info, s.state, may_preview(:viewer, s) as may_preview, c.id is not null as has_child, v.sha256 as version,
       json_build_object('title', s.name, 'version', v.sha256, 'is_preview', :is_preview::bool,
                         'study', json_build_object('uuid', s.uuid, 'name', s.name), 'child', json_build_object('uuid', c.uuid)) as doc
from study s left join child c on c.uuid = :child and c.account = :viewer and not c.deleted
     left join study_version v on v.id = s.version and s.built
where s.uuid = :study
