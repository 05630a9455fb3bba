-- in: viewer bigint, study bigint, video bigint · out: uuid uuid, study_uuid uuid, full_name text, content_type text, sha256 bytea, is_fresh bool · rows: one
select v.uuid, s.uuid as study_uuid, v.full_name, coalesce(v.content_type, 'video/webm') as content_type, v.sha256,
       not exists (select from event e
                   where e.subject = v.uuid and e.kind = 'video.watched' and e.account = :viewer and e.at > now() - interval '10 minutes') as is_fresh
from video v join response r on r.id = v.response join study s on s.id = v.study
where v.id = :video and s.id = :study
  and (may_see_response(:viewer, s.id, r.id)
       or (v.is_consent_footage and r.completed_consent_frame
           and (may_study(:viewer, s.id, 'code_consent') or (r.is_preview and may_study(:viewer, s.id, 'code_preview_consent')))))
