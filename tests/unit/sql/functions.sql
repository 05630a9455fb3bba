-- claim: hashed_ids_are_those_of_the_reference
select test.eq(hash_id(a, '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', 'deadbeef-0000-4000-8000-00000000cafe', 6), six),
       test.eq(hash_id(a, '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', 'deadbeef-0000-4000-8000-00000000cafe', 12), twelve)
from (values ('00112233-4455-6677-8899-aabbccddeeff'::uuid, 'VZPCJ2', 'VZPCJ2RXcCVE'),
             ('00112233-4455-6677-8899-aabbccddef00', 'B72AZJ', 'B72AZJXXXE3Q'),
             ('00112233-4455-6677-8899-aabbccddef01', 'GLBN5M', 'GLBN5MY6DVLd'),
             ('00112233-4455-6677-8899-aabbccddef03', 'GSR26D', 'GSR26DcVTGJY')) v (a, six, twelve);
select test.eq(hash_id('00112233-4455-6677-8899-aabbccddeeff', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', 'deadbeef-0000-4000-8000-00000000cafe', 56),
               'VZPCJ2RXcCVEAdL5Tc7F6NRYJ5DYLB35AAQD3MF2KKMRB3RN75FQ====');
select test.eq(hash_id('deadbeef-0000-4000-8000-00000000cafe', '00112233-4455-6677-8899-aabbccddeeff', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', 6),
               'VZPCJ2');

-- claim: ages_are_rounded_to_the_even_neighbour
select test.eq(age_rounded(days), want)
from (values (0, 0), (5, 0), (6, 10), (15, 20), (25, 20), (355, 360), (360, 360), (361, 360), (375, 360), (376, 390), (405, 420),
             (1000, 990)) v (days, want);

-- claim: slugs_hold_letters_digits_and_single_hyphens
select test.eq(slug(name), want)
from (values ('Ann''s Löffel  2', 'anns-loffel-2'), ('--a_b--', 'a_b'), ('日本', ''), ('A -  - b', 'a-b'), ('_x_', 'x')) v (name, want);
select test.eq(account_slug('', '587e0c31-0000-4000-8000-000000000001'), 'anonymous-587e0c31');
select test.eq(account_slug('日本', '587e0c31-0000-4000-8000-000000000001'), '-587e0c31');

-- claim: names_are_put_together_as_on_screen
select test.eq(display_name('Annie', 'Ann', 'Lee'), 'Annie'), test.eq(display_name('', 'Ann', 'Lee'), 'Ann Lee'),
       test.eq(full_name('Ann', '', 'Lee'), 'Ann  Lee'), test.eq(full_name('Ann', 'B', 'Lee'), 'Ann B Lee');

-- claim: truth_is_what_a_browser_would_call_true
select test.eq(is_truthy(v::jsonb), want)
from (values ('true', true), ('[true]', true), ('"yes"', true), ('1', true), ('{"a":1}', true), ('false', false), ('0', false),
             ('0.0', false), ('""', false), ('[]', false), ('{}', false), ('null', false), (null, false)) t (v, want);

-- claim: the_exit_frame_that_was_played_last_counts
select test.eq(exit_value(1, '{"9-exit": {"frameType": "EXIT", "feedback": "old"}, "10-exit": {"frameType": "EXIT", "feedback": "new"}}',
                          '{10-exit,9-exit}', 'feedback'), '"old"'::jsonb);
select test.eq(exit_value(1, '{"1-a": {"frameType": "DEFAULT", "feedback": "x"}}', '{1-a}', 'feedback'), null::jsonb);
select test.eq(exit_value(1, '{"1-a": "odd", "2-exit": {"frameType": "EXIT", "feedback": "x"}}', '{1-a}', 'feedback'), '"x"'::jsonb);

-- claim: the_last_exit_trial_of_jspsych_counts
select test.eq(exit_value(3, '[{"chs_type": "exit", "response": {"withdrawal": true}}, 7, {"chs_type": "exit", "response": {"withdrawal": false}}]',
                          '{}', 'withdrawal'), 'false'::jsonb);

-- claim: odd_data_mean_not_withdrawn
select test.eq(is_withdrawn(study_type, data::jsonb, '{}'), want)
from (values (1, '{"1-exit": {"frameType": "EXIT", "withdrawal": true}}', true), (1, '{"1-exit": {"frameType": "EXIT"}}', false),
             (1, '[]', false), (1, '7', false), (3, '[{"chs_type": "exit"}]', false), (3, '{}', false),
             (3, '[{"chs_type": "exit", "response": {"withdrawal": "yes"}}]', true), (3, '[{"chs_type": "exit", "response": 7}]', false),
             (2, '{"1-exit": {"frameType": "EXIT", "withdrawal": true}}', false)) v (study_type, data, want);

-- claim: a_birth_date_of_the_survey_is_compared_in_days
select test.eq(birthdate_difference('2024-02-17', '"2024-02-19T00:00:00.000Z"'), 2),
       test.eq(birthdate_difference('2024-02-17', '"2024-02-16"'), -1),
       test.eq(birthdate_difference('2024-02-17', '"2024-02-31"'), null), test.eq(birthdate_difference('2024-02-17', '7'), null),
       test.eq(birthdate_difference('2024-02-17', '"soon"'), null), test.eq(birthdate_difference('2024-02-17', null), null);

-- claim: language_and_condition_bits_are_those_of_the_model
select test.eq(language_codes(1 | (1::bigint << 59)), '{en,yue}'), test.eq(language_bits('{yue,en}'), 1 | (1::bigint << 59)),
       test.eq(language_codes(0), '{}'), test.eq(condition_codes(31), '{autism_spectrum_disorder,deaf,hearing_impairment,dyslexia,multiple_birth}'),
       test.eq(condition_bits('{multiple_birth}'), 16::bigint), test.eq((select count(*) from language), 60::bigint);

-- claim: an_unknown_language_is_refused
-- refused: LK010
select language_bits('{en,klingon}');
