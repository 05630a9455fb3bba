-- in: digest bytea · out: id bigint, role text · rows: maybe
-- rights: whoever holds the secret of an invitation may use it
update invitation set used_at = now()
where digest = :digest and used_at is null and expires_at > now()
returning id, role
