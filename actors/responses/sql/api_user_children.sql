-- in: viewer bigint, v text, origin text, path text, query text[], page text, page_size text, ordering text, user uuid · out: doc json · rows: one
select json_build_object(
    'links', p.links,
    'data', coalesce((select json_agg(api_sparse(api_child(c, :origin || '/api/' || :v || '/'), 'children', :query) order by i.place)
                      from unnest(p.ids) with ordinality i (id, place) join child c on c.id = i.id), '[]')) as doc
from api_page(api_children(:viewer, :user, :ordering), :origin || :path, :query, :page, :page_size) p
