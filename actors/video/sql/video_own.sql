-- in: viewer bigint, video uuid · out: uuid uuid, study_uuid uuid, full_name text, content_type text, sha256 bytea · rows: one
select v.uuid, s.uuid as study_uuid, v.full_name, coalesce(v.content_type, 'video/webm') as content_type, v.sha256
from video v join response r on r.id = v.response join child c on c.id = r.child join study s on s.id = v.study
where v.uuid = :video and c.account = :viewer and r.completed_consent_frame
