-- in: viewer bigint, v text, origin text, path text, query text[], page text, page_size text · out: doc json · rows: one
select json_build_object(
    'links', p.links,
    'data', coalesce((select json_agg(api_sparse(api_study(s, :origin || '/api/' || :v || '/', :origin), 'studies', :query) order by i.place)
                      from unnest(p.ids) with ordinality i (id, place) join study s on s.id = i.id), '[]')) as doc
from api_page(api_studies(:viewer), :origin || :path, :query, :page, :page_size) p
