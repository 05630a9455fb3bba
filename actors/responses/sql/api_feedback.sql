-- in: viewer bigint, v text, origin text, query text[], feedback uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_feedback(f, :origin || '/api/' || :v || '/'), 'feedback', :query)) as doc
from feedback f join response r on r.id = f.response
where f.uuid = :feedback and response_is_visible(:viewer, r)
