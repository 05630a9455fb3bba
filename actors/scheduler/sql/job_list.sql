-- in: - · out: doc json · rows: one
select json_build_object(
    'kinds', (select coalesce(json_agg(k order by k.kind), '[]')
              from (select j.kind, count(*) filter (where j.state = 'due') as due, count(*) filter (where j.state = 'leased') as leased,
                           count(*) filter (where j.state = 'parked') as parked,
                           extract(epoch from now() - min(j.due_at) filter (where j.state = 'due' and j.due_at <= now()))::bigint as late_s
                    from job j where j.state <> 'done' group by j.kind limit 100) k),
    'jobs', (select coalesce(json_agg(json_build_object('id', j.id, 'kind', j.kind, 'op_id', j.op_id, 'state', j.state,
                                                        'attempts', j.attempts, 'attempts_max', j.attempts_max, 'due_at', j.due_at,
                                                        'why', j.why)), '[]')
             from (
                       (select p.id, p.kind, p.op_id, p.state, p.attempts, p.attempts_max, p.due_at, p.why
                        from job p where p.state = 'parked' order by p.finished_at desc limit 100)
                       union all
                       (select w.id, w.kind, w.op_id, w.state, w.attempts, w.attempts_max, w.due_at, w.why
                        from job w where w.state = 'due' and w.attempts > 0 order by w.due_at limit 100)) j)) as doc
