-- in: id bigint, v text, origin text, query text[] · out: doc json · rows: one
-- rights: who has just written it
select json_build_object('data', api_sparse(api_response(r, :origin || '/api/' || :v || '/'), 'responses', :query)) as doc from response r where r.id = :id
