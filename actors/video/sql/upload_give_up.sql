-- in: id bigint · out: state text · rows: maybe
update upload u
set state = case when u.offset_bytes > 0 then 'received' else 'ended' end, total_bytes = u.offset_bytes, touched_at = now() - interval '1 minute'
where u.id = :id and u.state = 'receiving' and u.touched_at < now() - interval '24 hours'
returning u.state
