-- in: - · out: - · rows: none
update invitation set expires_at = now() where role = 'administrator' and used_at is null and expires_at > now()
