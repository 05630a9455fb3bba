-- in: viewer bigint, v text, origin text, query text[], response uuid, child uuid, study uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_response(r, :origin || '/api/' || :v || '/'), 'responses', :query)) as doc
from response r
where r.uuid = :response and response_is_visible(:viewer, r) and coalesce(response_fits(r, :child, :study), false)
