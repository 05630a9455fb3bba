-- in: rows json · out: - · rows: none
insert into child (id, uuid, account, given_name, birthday, gender, gender_self_describe, gestational_age_at_birth,
                   additional_information, deleted, former_lookit_profile_id, existing_conditions, languages_spoken)
select r.pk, r.uuid, r."user", r.given_name, r.birthday, r.gender, r.gender_self_describe, r.gestational_age_at_birth,
       r.additional_information, r.deleted, r.former_lookit_profile_id,
       coalesce((select bit_or(1::bigint << b.bit) from unnest(r.existing_conditions) b (bit)), 0),
       coalesce((select bit_or(1::bigint << b.bit) from unnest(r.languages_spoken) b (bit)), 0)
from json_to_recordset(:rows) r (pk bigint, uuid uuid, "user" bigint, given_name text, birthday date, gender text,
                                 gender_self_describe text, gestational_age_at_birth smallint, additional_information text,
                                 deleted bool, former_lookit_profile_id text, existing_conditions int[], languages_spoken int[])
