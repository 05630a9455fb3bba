-- in: id bigint, offset_bytes bigint · out: - · rows: none
-- rights: clock work on what upload_abandoned found
update upload u
set state = case when :offset_bytes > 0 then 'received' else 'ended' end, offset_bytes = :offset_bytes, total_bytes = :offset_bytes,
    touched_at = now() - interval '1 minute'
where u.id = :id and u.state = 'receiving'
