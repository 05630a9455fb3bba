-- in: id bigint, v text, origin text, query text[], conditions json, global_event_timings json, exp_data json · out: doc json · rows: one
-- rights: shows what the same transaction has written
select api_sparse_document(w.doc, 'responses', :query) as doc
from response r, api_response_written(r, :origin || '/api/' || :v || '/', :conditions, :global_event_timings, :exp_data) w (doc)
where r.id = :id
