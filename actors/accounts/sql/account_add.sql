-- in: username text, password text, nickname text, given_name text, family_name text, is_researcher bool, is_staff bool, is_superuser bool · out: id bigint, uuid uuid · rows: maybe
-- rights: signing up makes an account of its own; who may become more holds an invitation
insert into account (username, password, nickname, given_name, family_name, is_active, is_researcher, is_staff, is_superuser)
select lower(:username), :password, :nickname, :given_name, :family_name, true, :is_researcher, :is_staff, :is_superuser
where not exists (select from account a where lower(a.username) = lower(:username))
returning id, uuid
