-- in: id bigint, v text, origin text, query text[] · out: doc json · rows: one
-- rights: who has just written it
select json_build_object('data', api_sparse(api_feedback(f, :origin || '/api/' || :v || '/'), 'feedback', :query)) as doc from feedback f where f.id = :id
