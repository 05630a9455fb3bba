-- in: version text, name text · out: sha256 text, type text · rows: maybe
select v.manifest -> 'files' -> :name ->> 'sha256' as sha256, v.manifest -> 'files' -> :name ->> 'type' as type
from study_version v
where v.sha256 = :version
limit 1
