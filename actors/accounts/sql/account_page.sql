-- in: viewer bigint, session bytea, fresh text · out: doc json · rows: one
select json_build_object(
    'account', (select json_build_object('username', a.username, 'name', display_name(a.nickname, a.given_name, a.family_name),
                                         'is_researcher', a.is_researcher)
                from account a where a.id = :viewer),
    'token', (select json_build_object('day_text', day_text((t.created at time zone coalesce(nullif(current_setting('lookit.time_zone', true), ''), 'America/New_York'))::date))
              from token t where t.account = :viewer),
    'replaces', coalesce((select floor(extract(epoch from t.created) * 1000000)::bigint from token t where t.account = :viewer), 0),
    'fresh', :fresh,
    'side', account_side(:viewer, :session)) as doc
