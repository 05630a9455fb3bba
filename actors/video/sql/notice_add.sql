-- in: v text, origin text, query text[], study uuid, response uuid, study_id bigint, response_id bigint, full_name text, frame_id text, recorded_at timestamptz, pipe_name text, pipe_numeric_id bigint, is_consent_footage bool · out: uuid uuid, doc json · rows: one
-- rights: no user; the signature of the store has been checked
with made as (
    insert into video (s3_timestamp, frame_id, full_name, study, response, is_consent_footage, pipe_name, pipe_numeric_id)
    values (:recorded_at, :frame_id, :full_name, :study_id, :response_id, coalesce(:is_consent_footage, false), :pipe_name,
            :pipe_numeric_id::int)
    returning *
)
select m.uuid, api_sparse_document(api_video(m.uuid, m.pipe_name, m.pipe_numeric_id, m.s3_timestamp, m.frame_id, m.full_name, m.is_consent_footage,
                         :study, :response, :origin || '/api/' || :v || '/'), 'videos', :query) as doc
from made m
