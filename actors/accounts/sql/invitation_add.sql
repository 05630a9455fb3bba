-- in: digest bytea, role text, email text · out: - · rows: none
insert into invitation (digest, role, email, expires_at) values (:digest, :role, :email, now() + interval '7 days')
