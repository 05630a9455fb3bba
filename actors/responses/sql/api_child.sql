-- in: viewer bigint, v text, origin text, query text[], child uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_child(c, :origin || '/api/' || :v || '/'), 'children', :query)) as doc
from child c where c.uuid = :child and child_is_visible(:viewer, c)
