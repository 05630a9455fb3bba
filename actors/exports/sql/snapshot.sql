-- in: - · out: - · rows: none
set transaction isolation level repeatable read
