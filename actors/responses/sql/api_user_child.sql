-- in: viewer bigint, v text, origin text, query text[], user uuid, child uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_child(c, :origin || '/api/' || :v || '/'), 'children', :query)) as doc
from account a join child c on c.account = a.id
where a.uuid = :user and c.uuid = :child and child_is_visible(:viewer, c)
