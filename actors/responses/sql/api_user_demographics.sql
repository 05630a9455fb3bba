-- in: viewer bigint, v text, origin text, path text, query text[], page text, page_size text, ordering text, user uuid · out: doc json · rows: one
select json_build_object(
    'links', p.links,
    'data', coalesce((select json_agg(api_sparse(api_demographic(d, :origin || '/api/' || :v || '/'), 'demographics', :query) order by i.place)
                      from unnest(p.ids) with ordinality i (id, place) join demographic d on d.id = i.id), '[]')) as doc
from api_page(api_demographics(:viewer, :user, :ordering), :origin || :path, :query, :page, :page_size) p
