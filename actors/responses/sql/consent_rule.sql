-- in: viewer bigint, study bigint, accepted text[], rejected text[], pending text[], comment text, comments json · out: may bool, n bigint · rows: one
with asked as (
    select s.id, may_study(:viewer, s.id, 'code_consent') as may_all
    from study s
    where s.id = :study and (may_study(:viewer, s.id, 'code_consent') or may_study(:viewer, s.id, 'code_preview_consent'))
), chosen as (
    select distinct on (lower(x.id)) lower(x.id) as id, x.action
    from (select unnest(:pending) as id, 'pending' as action, 1 as n
          union all select unnest(:rejected), 'rejected', 2
          union all select unnest(:accepted), 'accepted', 3) x
    order by lower(x.id), x.n
), told as (
    select lower(e.key) as id, nullif(btrim(e.value), '') as comment from json_each_text(coalesce(:comments, '{}')) e
), said as (
    select c.id, c.action, coalesce(t.comment, nullif(btrim(:comment), '')) as comment from chosen c left join told t on t.id = c.id
    union all
    select t.id, null, t.comment from told t where t.comment is not null and t.id not in (select c.id from chosen c)
), held as ( -- of two who rule at once, the later one finds what the earlier one said
    select r.id, r.uuid::text as uuid, r.ruling
    from asked q join response r on r.study = q.id
    where r.uuid in (select case when s.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then s.id::uuid end from said s)
      and r.completed_consent_frame and (q.may_all or r.is_preview)
    order by r.id
    for no key update of r
), made as (
    insert into consent_ruling (created_at, action, response, arbiter, comments)
    select clock_timestamp(), coalesce(s.action, h.ruling), h.id, :viewer, s.comment
    from said s join held h on h.uuid = s.id
    returning action, response
), kept as (
    select event_add('consent.ruled', :viewer, r.uuid, jsonb_build_object('action', m.action)) from made m join response r on r.id = m.response
)
select exists (select from asked) as may, (select count(*) from kept) as n
