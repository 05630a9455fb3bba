-- in: v text, origin text, query text[], lab uuid · out: doc json · rows: maybe
select json_build_object('data', api_sparse(api_lab(l, :origin || '/api/' || :v || '/'), 'labs', :query)) as doc
from lab l where l.uuid = :lab and l.approved_to_test
