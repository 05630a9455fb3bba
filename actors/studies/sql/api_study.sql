-- in: viewer bigint, v text, origin text, query text[], study uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_study(s, :origin || '/api/' || :v || '/', :origin), 'studies', :query)) as doc
from study s
where s.uuid = :study
  and (s.state = 'active'
       or exists (select from account a where a.id = :viewer and a.is_active and a.is_researcher)
          and (s.shared_preview or may_study(:viewer, s.id, 'read_details')))
