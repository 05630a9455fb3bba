-- in: viewer bigint, v text, origin text, path text, query text[], page text, page_size text, child uuid, study uuid · out: doc json · rows: one
select json_build_object(
    'links', p.links,
    'data', coalesce((select json_agg(api_sparse(api_response(r, :origin || '/api/' || :v || '/'), 'responses', :query) order by i.place)
                      from unnest(p.ids) with ordinality i (id, place) join response r on r.id = i.id), '[]')) as doc
from api_page(api_responses(:viewer, :child, :study), :origin || :path, :query, :page, :page_size) p
