-- in: account bigint, digest bytea · out: - · rows: none
-- rights: the handler looked at whose token it is with token_seat or token_seat_of
insert into token (account, digest) values (:account, :digest)
on conflict (account) do update set digest = excluded.digest, created = excluded.created
