-- in: viewer bigint, child uuid, given_name text, gender text, gender_self_describe text, gestational_age_at_birth smallint, languages_spoken text[], existing_conditions text[], additional_information text · out: uuid uuid · rows: one
update child c
set given_name = :given_name, gender = :gender, gender_self_describe = coalesce(:gender_self_describe, ''),
    gestational_age_at_birth = :gestational_age_at_birth, languages_spoken = language_bits(:languages_spoken),
    existing_conditions = condition_bits(:existing_conditions), additional_information = coalesce(:additional_information, '')
where c.uuid = :child and c.account = :viewer and not c.deleted
returning c.uuid
