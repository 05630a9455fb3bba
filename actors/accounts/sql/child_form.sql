-- in: viewer bigint, session bytea · out: doc json · rows: one
select json_build_object(
    'form', json_build_object('values', json_build_object('languages_spoken', json_build_array(), 'existing_conditions', json_build_array())),
    'choices', choices_of('gender', 'gestational_age_at_birth', 'languages_spoken', 'existing_conditions')::jsonb
               || jsonb_build_object(
                      'birthday_month', (select jsonb_agg(jsonb_build_object('value', m::text, 'label', to_char(make_date(2000, m, 1), 'FMMonth')) order by m)
                                         from generate_series(1, 12) m),
                      'birthday_day', (select jsonb_agg(jsonb_build_object('value', d::text, 'label', d::text) order by d) from generate_series(1, 31) d),
                      'birthday_year', (select jsonb_agg(jsonb_build_object('value', y::text, 'label', y::text) order by y desc)
                                        from generate_series(extract(year from site_today())::int - 24, extract(year from site_today())::int) y)),
    'side', account_side(:viewer, :session)) as doc
