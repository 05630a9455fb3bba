-- in: viewer bigint, country text, state text, density text, us_race_ethnicity_identification text[], us_race_ethnicity_identification_describe text, number_of_children text, birthdays text, number_of_guardians text, guardians_explanation text, age text, gender text, gender_self_describe text, education_level text, annual_income text, lookit_referrer text, additional_comments text · out: uuid uuid, has_child bool · rows: one
insert into demographic (account, previous, country, state, density, us_race_ethnicity_identification,
                         us_race_ethnicity_identification_describe, number_of_children, child_birthdays, number_of_guardians,
                         guardians_explanation, age, gender, gender_self_describe, education_level, annual_income, lookit_referrer,
                         additional_comments)
values (:viewer, demographic_latest(:viewer), coalesce(:country, ''), coalesce(:state, ''), coalesce(:density, ''),
        :us_race_ethnicity_identification, coalesce(:us_race_ethnicity_identification_describe, ''), coalesce(:number_of_children, ''),
        string_to_array(:birthdays, ',')::date[], coalesce(:number_of_guardians, ''), coalesce(:guardians_explanation, ''), coalesce(:age, ''), coalesce(:gender, ''),
        coalesce(:gender_self_describe, ''), coalesce(:education_level, ''), coalesce(:annual_income, ''), coalesce(:lookit_referrer, ''),
        coalesce(:additional_comments, ''))
returning uuid, exists (select from child c where c.account = :viewer and not c.deleted) as has_child
