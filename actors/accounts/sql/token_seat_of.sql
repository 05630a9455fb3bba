-- in: username text · out: id bigint, uuid uuid, is_active bool, has_token bool · rows: maybe
-- rights: an operator of the house, who reads the database as well
select a.id, a.uuid, a.is_active, exists (select from token t where t.account = a.id) as has_token
from account a
where lower(a.username) = lower(:username)
order by a.username = :username desc, a.id
limit 1
for update of a
