-- in: session bytea · out: - · rows: none
select session_forget_study(:session)
