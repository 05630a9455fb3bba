-- in: viewer bigint, given_name text, birthday_year int, birthday_month int, birthday_day int, gender text, gender_self_describe text, gestational_age_at_birth smallint, languages_spoken text[], existing_conditions text[], additional_information text · out: uuid uuid · rows: maybe
-- rights: a child of the viewer, whoever that is
insert into child (account, given_name, birthday, gender, gender_self_describe, gestational_age_at_birth, languages_spoken,
                   existing_conditions, additional_information)
select :viewer, :given_name, make_date(:birthday_year, :birthday_month, :birthday_day), :gender, coalesce(:gender_self_describe, ''),
       :gestational_age_at_birth, language_bits(:languages_spoken), condition_bits(:existing_conditions), coalesce(:additional_information, '')
where make_date(:birthday_year, :birthday_month, :birthday_day) <= site_today()
returning uuid
