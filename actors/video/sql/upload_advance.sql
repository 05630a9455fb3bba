-- in: id bigint, offset_bytes bigint, total_bytes bigint · out: state text · rows: one
update upload
set offset_bytes = :offset_bytes, total_bytes = :total_bytes, touched_at = now(),
    state = case when :offset_bytes = :total_bytes then 'received' else 'receiving' end
where id = :id
returning state
