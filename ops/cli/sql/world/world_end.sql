-- in: next_pk json · out: done text · rows: one
select world_end(:next_pk)::text as done
