-- in: digest bytea, study uuid · out: - · rows: none
update session x set study = s.uuid from study s where x.digest = :digest and s.uuid = :study
