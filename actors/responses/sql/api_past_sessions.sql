-- in: viewer bigint, v text, origin text, query text[], response uuid, child uuid, study uuid · out: doc json · rows: maybe
select json_build_object('data', coalesce((
    select json_agg(api_sparse(api_response(r, :origin || '/api/' || :v || '/', 'past_sessions'), 'past_sessions', :query) order by r.date_created desc, r.id desc)
    from response r
    where r.child = one.child and r.study = one.study and response_is_visible(:viewer, r)
      and (:child is null or r.child = (select c.id from child c where c.uuid = :child))
      and (:study is null or r.study = (select s.id from study s where s.uuid = :study))), '[]')) as doc
from response one
where one.uuid = :response and response_is_visible(:viewer, one)
