-- in: digest bytea, account bigint, life_s bigint · out: - · rows: none
select session_open(:digest, :account, make_interval(secs => :life_s))
