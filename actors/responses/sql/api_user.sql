-- in: viewer bigint, v text, origin text, query text[], user uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_user(a, :origin || '/api/' || :v || '/', may_site(:viewer, 'read_usernames')), 'users', :query)) as doc
from account a where a.uuid = :user and account_is_visible(:viewer, a)
