-- in: viewer bigint, version text, name text · out: sha256 text, type text · rows: maybe
select v.manifest -> 'files' -> :name ->> 'sha256' as sha256, v.manifest -> 'files' -> :name ->> 'type' as type
from study_version v join study s on s.id = v.study
where v.sha256 = :version
  -- a session in progress may go on when the study is paused
  and (s.state = 'active' or may_preview(:viewer, s)
       or exists (select from child c join response r on r.child = c.id where c.account = :viewer and r.study = s.id))
limit 1
