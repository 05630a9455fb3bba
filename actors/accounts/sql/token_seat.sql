-- in: viewer bigint · out: id bigint, uuid uuid, replaces bigint · rows: maybe
-- Waits for another who is just about to change the token of this account.
select a.id, a.uuid, coalesce(floor(extract(epoch from t.created) * 1000000)::bigint, 0) as replaces
from account a left join token t on t.account = a.id
where a.id = :viewer and a.is_active and a.is_researcher
for update of a
