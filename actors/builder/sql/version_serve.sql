-- in: id bigint, sha256 text, viewer bigint · out: has_changed bool · rows: one
select study_built(v.study, v.id, :viewer) as has_changed from study_version v where v.study = :id and v.sha256 = :sha256
