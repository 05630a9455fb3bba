-- in: - · out: done bool · rows: one
select pg_advisory_unlock(7310193742) as done
