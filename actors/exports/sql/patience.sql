-- in: ms text · out: was text · rows: one
select set_config('statement_timeout', :ms, true) as was
