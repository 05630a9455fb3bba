-- in: - · out: - · rows: none
select op_sweep()
