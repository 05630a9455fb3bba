-- in: id bigint, recorded_at timestamptz · out: uuid uuid, response uuid, account bigint · rows: maybe
-- rights: a job of the house itself
with added as (
    insert into video (s3_timestamp, frame_id, full_name, study, response, is_consent_footage, size_bytes, content_type)
    select :recorded_at, u.frame_id, u.full_name, r.study, u.response, u.is_consent_footage, u.offset_bytes, nullif(u.content_type, '')
    from upload u join response r on r.id = u.response
    where u.id = :id
    on conflict (full_name) do nothing
    returning uuid, response)
select a.uuid, r.uuid as response, c.account
from added a join response r on r.id = a.response join child c on c.id = r.child
