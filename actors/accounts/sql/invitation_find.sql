-- in: digest bytea · out: role text, doc json · rows: maybe
-- rights: whoever holds the secret of an invitation may read it
select i.role, json_build_object('is_valid', true, 'is_administrator', i.role = 'administrator') as doc
from invitation i
where i.digest = :digest and i.used_at is null and i.expires_at > now()
