-- in: digest bytea, study uuid · out: - · rows: none
-- rights: the session of the visitor alone
update session x set study = s.uuid from study s where x.digest = :digest and s.uuid = :study
