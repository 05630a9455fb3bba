-- in: id bigint, sha256 text, viewer bigint · out: has_changed bool · rows: one
select case when v.manifest -> 'files' -> 'protocol.json' ->> 'sha256' = encode(sha256(convert_to(study_protocol(s), 'UTF8')), 'hex')
            then study_built(v.study, v.id, :viewer) end as has_changed
from study_version v join study s on s.id = v.study
where v.study = :id and v.sha256 = :sha256
