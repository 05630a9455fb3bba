-- in: rows json · out: - · rows: none
-- Nobody can log in with a password until a new one is set; a token is kept as its digest.
with made as (
    insert into account (id, uuid, username, password, given_name, middle_name, family_name, nickname, identicon, time_zone, locale,
                         is_active, is_staff, is_superuser, is_researcher, email_next_session, email_new_studies,
                         email_study_updates, email_response_questions, admin_comments, is_spam, former_lookit_id,
                         linked_former_lookit_ids, last_login, date_created)
    select r.pk, r.uuid, r.username, '!', r.given_name, r.middle_name, r.family_name, r.nickname, r.identicon, r.time_zone, r.locale,
           r.is_active, r.is_staff, r.is_superuser, r.is_researcher, r.email_next_session, r.email_new_studies,
           r.email_study_updates, r.email_response_questions, r.admin_comments, r.is_spam, r.former_lookit_id,
           r.linked_former_lookit_ids, r.last_login, r.date_created
    from json_to_recordset(:rows) r (pk bigint, uuid uuid, username text, given_name text, middle_name text, family_name text,
                                     nickname text, identicon text, time_zone text, locale text, is_active bool, is_staff bool,
                                     is_superuser bool, is_researcher bool, email_next_session bool, email_new_studies bool,
                                     email_study_updates bool, email_response_questions bool, admin_comments text, is_spam bool,
                                     former_lookit_id text, linked_former_lookit_ids text[], last_login timestamptz,
                                     date_created timestamptz)
), keyed as (
    insert into token (digest, account, created)
    select sha256(convert_to(r.token, 'UTF8')), r.pk, r.date_created
    from json_to_recordset(:rows) r (pk bigint, token text, date_created timestamptz)
    where r.token is not null
), permitted as (
    insert into permit (permission, account)
    select p.id, r.pk
    from json_to_recordset(:rows) r (pk bigint, site_permissions int[]), unnest(r.site_permissions) p (id)
)
insert into membership (account, user_group)
select r.pk, g.id
from json_to_recordset(:rows) r (pk bigint, site_groups bigint[]), unnest(r.site_groups) g (id)
