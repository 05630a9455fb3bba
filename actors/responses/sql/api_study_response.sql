-- in: viewer bigint, v text, origin text, query text[], study uuid, response uuid, child text · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_response(r, :origin || '/api/' || :v || '/'), 'responses', :query)) as doc
from study s join response r on r.study = s.id
where s.uuid = :study and r.uuid = :response and is_api_study_response(:viewer, s, r, :child, :query)
