-- in: - · out: - · rows: none
-- rights: takes away what has ended, and shows it to nobody
delete from session where digest in (select s.digest from session s where s.expires_at < now() limit 1000)
