-- in: username text · out: id bigint, password text, is_active bool, is_researcher bool, is_staff bool · rows: maybe
-- rights: log-in, before anybody is somebody; the password decides
select a.id, a.password, a.is_active, a.is_researcher, a.is_staff
from account a
where lower(a.username) = lower(:username)
order by a.username = :username desc, a.id
limit 1
