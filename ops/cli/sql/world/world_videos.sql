-- in: rows json · out: - · rows: none
insert into video (id, uuid, created_at, s3_timestamp, pipe_name, pipe_numeric_id, frame_id, full_name, study, response,
                   is_consent_footage)
select r.pk, r.uuid, r.created_at, r.s3_timestamp, r.pipe_name, r.pipe_numeric_id, r.frame_id, r.full_name, r.study, r.response,
       r.is_consent_footage
from json_to_recordset(:rows) r (pk bigint, uuid uuid, created_at timestamptz, s3_timestamp timestamptz, pipe_name text,
                                 pipe_numeric_id int, frame_id text, full_name text, study bigint, response bigint,
                                 is_consent_footage bool)
