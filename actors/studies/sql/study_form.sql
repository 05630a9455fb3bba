-- in: viewer bigint, origin text · out: may bool, doc json · rows: one
select study_labs(:viewer, null) <> '[]' as may,
       json_build_object(
           'will_be_rejected', false, 'can', json_build_object('change_lab', true),
           'form', json_build_object('values', json_build_object(
               'min_age_years', 0, 'min_age_months', 0, 'min_age_days', 0, 'max_age_years', 0, 'max_age_months', 0, 'max_age_days', 0,
               'priority', 99, 'public', false, 'study_type', '1',
               'lab', case when jsonb_array_length(study_labs(:viewer, null)) = 1 then study_labs(:viewer, null) -> 0 ->> 'value' end,
               'exit_url', :origin || '/studies/history/')),
           'choices', study_choices(:viewer, null)) as doc
