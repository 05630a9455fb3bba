-- in: viewer bigint, v text, origin text, query text[], response uuid, child uuid, study uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_response(r, :origin || '/api/' || :v || '/'), 'responses', :query)) as doc
from response r
where r.uuid = :response and response_is_visible(:viewer, r)
  and (:child is null or r.child = (select c.id from child c where c.uuid = :child))
  and (:study is null or r.study = (select s.id from study s where s.uuid = :study))
