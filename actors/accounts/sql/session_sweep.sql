-- in: - · out: - · rows: none
delete from session where digest in (select s.digest from session s where s.expires_at < now() limit 1000)
