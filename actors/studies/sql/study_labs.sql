-- in: viewer bigint, lab bigint · out: may bool · rows: one
select exists (select from jsonb_array_elements(study_labs(:viewer, null)) l where l ->> 'value' = (:lab::bigint)::text) as may
