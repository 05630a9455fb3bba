-- in: viewer bigint, v text, origin text, child uuid · out: doc json · rows: maybe
select json_build_object('data', json_build_object(
    'type', 'children', 'id', c.uuid,
    'attributes', json_build_object(
        'given_name', c.given_name, 'birthday', c.birthday, 'gender', c.gender,
        'age_at_birth', coalesce((select x.label from choice x where x.list = 'gestational_age_at_birth' and x.value = c.gestational_age_at_birth::text),
                                 'Not sure or prefer not to answer'),
        'additional_information', c.additional_information,
        'language_list', array_to_string(language_codes(c.languages_spoken), ' '),
        'condition_list', array_to_string(condition_codes(c.existing_conditions), ' '),
        'deleted', c.deleted, 'former_lookit_profile_id', c.former_lookit_profile_id, 'pk', c.id),
    'relationships', json_build_object('user', json_build_object('links', json_build_object(
        'related', :origin || '/api/' || :v || '/users/' || a.uuid || '/'))),
    'links', json_build_object('self', :origin || '/api/' || :v || '/children/' || c.uuid || '/'))) as doc
from child c join account a on a.id = c.account and a.is_active
where c.uuid = :child
  and (c.account = :viewer or may_site(:viewer, 'read_all_user_data')
       or exists (select from response r where r.child = c.id and response_is_readable(:viewer, r)))
