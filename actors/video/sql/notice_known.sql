-- in: study uuid, response uuid, full_name text, pipe_name text, s3_timestamp text · out: study_id bigint, response_id bigint, is_of_study bool, recorded_at timestamptz, is_name_taken bool, is_pipe_name_taken bool · rows: one
-- rights: no user; nothing of it is told before the header is there, and only whether rows exist before the signature is checked
select s.id as study_id, r.id as response_id, coalesce(r.study = s.id, false) as is_of_study, site_time_read(:s3_timestamp) as recorded_at,
       exists (select from video v where v.full_name = :full_name) as is_name_taken,
       exists (select from video v where v.pipe_name = :pipe_name) as is_pipe_name_taken
from (select) one left join study s on s.uuid = :study left join response r on r.uuid = :response
