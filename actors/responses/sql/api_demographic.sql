-- in: viewer bigint, v text, origin text, query text[], demographic uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_demographic(d, :origin || '/api/' || :v || '/'), 'demographics', :query)) as doc
from demographic d where d.uuid = :demographic and demographic_is_visible(:viewer, d)
