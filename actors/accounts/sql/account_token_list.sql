-- in: - · out: doc json · rows: one
-- rights: an operator of the house, who reads the database as well
select json_build_object(
    'tokens', coalesce((select json_agg(json_build_object('username', t.username, 'created', api_time(t.created), 'is_active', t.is_active)
                                        order by t.created)
                        from (select a.username, k.created, a.is_active from token k join account a on a.id = k.account
                              order by k.created limit 10000) t), '[]'),
    'more', greatest((select count(*) from token) - 10000, 0)) as doc
