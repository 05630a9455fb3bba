-- in: viewer bigint, session bytea · out: doc json · rows: one
select json_build_object(
    'children', (select coalesce(json_agg(json_build_object(
                            'uuid', c.uuid, 'given_name', c.given_name, 'initial', upper(left(c.given_name, 1)),
                            'birthday_text', day_text(c.birthday), 'age_text', age_text(c.birthday, site_today()))
                            order by c.birthday desc, c.id), '[]')
                 from (select c.id, c.uuid, c.given_name, c.birthday from child c where c.account = :viewer and not c.deleted order by c.birthday desc, c.id limit 100) c),
    'side', account_side(:viewer, :session)) as doc
