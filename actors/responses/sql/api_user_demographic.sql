-- in: viewer bigint, v text, origin text, query text[], user uuid, demographic uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_demographic(d, :origin || '/api/' || :v || '/'), 'demographics', :query)) as doc
from account a join demographic d on d.account = a.id
where a.uuid = :user and d.uuid = :demographic and demographic_is_visible(:viewer, d)
