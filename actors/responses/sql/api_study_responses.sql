-- in: viewer bigint, v text, origin text, path text, query text[], page text, page_size text, study uuid, child text · out: doc json · rows: maybe
select json_build_object(
    'links', p.links,
    'data', coalesce((select json_agg(api_sparse(api_response(r, :origin || '/api/' || :v || '/'), 'responses', :query) order by i.place)
                      from unnest(p.ids) with ordinality i (id, place) join response r on r.id = i.id), '[]')) as doc
from study s, api_page(api_study_responses(:viewer, s, :child, :query), :origin || :path, :query, :page, :page_size) p
where s.uuid = :study
