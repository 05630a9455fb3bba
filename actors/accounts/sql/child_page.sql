-- in: viewer bigint, session bytea, child uuid · out: doc json · rows: maybe
select json_build_object(
    'child', json_build_object('uuid', c.uuid, 'given_name', c.given_name, 'birthday_text', day_text(c.birthday)),
    'form', json_build_object('values', json_build_object(
        'given_name', c.given_name, 'gender', c.gender, 'gender_self_describe', c.gender_self_describe,
        'gestational_age_at_birth', c.gestational_age_at_birth::text, 'languages_spoken', language_codes(c.languages_spoken),
        'existing_conditions', condition_codes(c.existing_conditions), 'additional_information', c.additional_information)),
    'choices', choices_of('gender', 'gestational_age_at_birth', 'languages_spoken', 'existing_conditions'),
    'side', account_side(:viewer, :session)) as doc
from child c
where c.uuid = :child and c.account = :viewer and not c.deleted
