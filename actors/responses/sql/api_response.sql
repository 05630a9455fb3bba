-- in: viewer bigint, v text, origin text, response uuid · out: doc json · rows: maybe
select json_build_object('data', api_response(r, :origin || '/api/' || :v || '/')) as doc
from response r
where r.uuid = :response and (response_is_mine(:viewer, r) or response_is_readable(:viewer, r))
