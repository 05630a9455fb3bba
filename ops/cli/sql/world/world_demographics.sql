-- in: rows json · out: - · rows: none
insert into demographic (id, uuid, account, created_at, number_of_children, child_birthdays, number_of_guardians,
                         guardians_explanation, us_race_ethnicity_identification, us_race_ethnicity_identification_describe, age,
                         gender, gender_self_describe, education_level, annual_income, former_lookit_annual_income,
                         lookit_referrer, additional_comments, country, state, density, extra, old_languages_spoken_at_home,
                         old_spouse_education_level, old_number_of_books)
select r.pk, r.uuid, r."user", r.created_at, r.number_of_children, r.child_birthdays, r.number_of_guardians,
       r.guardians_explanation, r.us_race_ethnicity_identification, r.us_race_ethnicity_identification_describe, r.age,
       r.gender, r.gender_self_describe, r.education_level, r.annual_income, r.former_lookit_annual_income,
       r.lookit_referrer, r.additional_comments, r.country, r.state, r.density, r.extra, r.old_languages_spoken_at_home,
       r.old_spouse_education_level, r.old_number_of_books
from json_to_recordset(:rows) r (pk bigint, uuid uuid, "user" bigint, created_at timestamptz, number_of_children text,
                                 child_birthdays date[], number_of_guardians text, guardians_explanation text,
                                 us_race_ethnicity_identification text[], us_race_ethnicity_identification_describe text, age text,
                                 gender text, gender_self_describe text, education_level text, annual_income text,
                                 former_lookit_annual_income text, lookit_referrer text, additional_comments text, country text,
                                 state text, density text, extra jsonb, old_languages_spoken_at_home text,
                                 old_spouse_education_level text, old_number_of_books int)
