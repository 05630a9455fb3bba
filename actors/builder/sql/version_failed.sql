-- in: id bigint, viewer bigint, why text · out: - · rows: none
select study_build_failed(:id, :viewer, :why)
