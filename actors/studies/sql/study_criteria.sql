-- in: criteria_expression text · out: why text · rows: one
select criteria_check(coalesce(:criteria_expression, '')) as why
