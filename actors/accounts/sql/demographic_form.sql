-- in: viewer bigint, session bytea · out: doc json · rows: one
-- rights: the answers of the viewer alone (demographic_latest)
select json_build_object(
    'has_demographics', d.id is not null,
    'form', json_build_object('values', json_build_object(
        'country', d.country, 'state', d.state, 'density', d.density,
        'us_race_ethnicity_identification', coalesce(d.us_race_ethnicity_identification, '{}'),
        'us_race_ethnicity_identification_describe', d.us_race_ethnicity_identification_describe,
        'number_of_children', d.number_of_children, 'child_birthdays', array_to_string(d.child_birthdays, ', '),
        'number_of_guardians', d.number_of_guardians, 'guardians_explanation', d.guardians_explanation,
        'age', d.age, 'gender', d.gender, 'gender_self_describe', d.gender_self_describe, 'education_level', d.education_level,
        'annual_income', d.annual_income, 'lookit_referrer', d.lookit_referrer, 'additional_comments', d.additional_comments)),
    'choices', choices_of('country', 'state', 'density', 'us_race_ethnicity_identification', 'number_of_children',
                          'number_of_guardians', 'age', 'gender', 'education_level', 'annual_income'),
    'side', account_side(:viewer, :session)) as doc
from (select) one left join demographic d on d.id = demographic_latest(:viewer)
