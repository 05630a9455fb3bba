-- in: response_id bigint, frame text, filename text, filetype text, is_consent bool, length bigint · out: uuid uuid, offset_bytes bigint, total_bytes bigint, state text, is_ours bool · rows: one
-- rights: upload_find_response has asked whose response it is
with made as (
    insert into upload (response, frame_id, full_name, content_type, is_consent_footage, total_bytes)
    values (:response_id, :frame, :filename, coalesce(:filetype, ''), coalesce(:is_consent, false), :length)
    on conflict (full_name) do nothing
    returning uuid, offset_bytes, total_bytes, state)
select m.uuid, m.offset_bytes, m.total_bytes, m.state, true as is_ours from made m
union all
select u.uuid, u.offset_bytes, u.total_bytes, u.state, u.response = :response_id as is_ours from upload u where u.full_name = :filename
limit 1
