-- in: viewer bigint, v text, origin text, path text, query text[], page text, page_size text · out: doc json · rows: one
select json_build_object(
    'links', p.links,
    'data', coalesce((select json_agg(api_sparse(api_user(a, :origin || '/api/' || :v || '/', n.with_username), 'users', :query) order by i.place)
                      from unnest(p.ids) with ordinality i (id, place) join account a on a.id = i.id), '[]')) as doc
from api_page(api_users(:viewer), :origin || :path, :query, :page, :page_size) p,
     (select may_site(:viewer, 'read_usernames') as with_username) n
