-- in: viewer bigint, v text, origin text, study uuid, one uuid, page int, size int, before_page text, after_page text · out: doc json · rows: maybe
with asked as (
    select s.id, :origin || '/api/' || :v || '/studies/' || s.uuid || '/responses/?' as link from study s where s.uuid = :study
), visible as (
    select r.id, r.date_modified
    from asked q join child c on c.account = :viewer and (:one is null or c.uuid = :one) join response r on r.child = c.id and r.study = q.id
    union
    select r.id, r.date_modified
    from response r
    where :one is null and r.id in (select study_responses(:viewer, (select a.id from asked a)))
), total as (
    select count(*) as n, greatest(1, ceil(count(*)::numeric / :size))::int as pages from visible
), place as (
    select t.n, t.pages, case when :page = -1 then t.pages else :page end as page, q.link || :before_page as link from total t, asked q
), shown as (
    select v.id, v.date_modified from visible v order by v.date_modified desc, v.id desc
    limit :size offset (select greatest(p.page - 1, 0)::bigint * :size from place p)
)
select json_build_object(
    'links', json_build_object(
        'first', p.link || 'page=1' || :after_page,
        'last', p.link || 'page=' || p.pages || :after_page,
        'next', case when p.page < p.pages then p.link || 'page=' || p.page + 1 || :after_page end,
        'prev', case when p.page > 1 then p.link || 'page=' || p.page - 1 || :after_page end,
        'meta', json_build_object('page', p.page, 'pages', p.pages, 'count', p.n)),
    'data', coalesce((select json_agg(api_response(r, :origin || '/api/' || :v || '/') order by h.date_modified desc, h.id desc)
                      from shown h join response r on r.id = h.id), '[]')) as doc
from place p
where p.page between 1 and p.pages
