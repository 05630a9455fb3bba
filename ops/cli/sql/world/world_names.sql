-- in: - · out: section text, key text, id bigint · rows: many
-- What a file may name without bringing it.
select 'permissions' as section, p.app || '.' || p.codename as key, p.id::bigint as id from permission p
union all
select 'site groups', g.name, g.id from user_group g
where exists (select from permit p where p.user_group = g.id and p.object = 0)
union all
select 'languages', l.code, l.bit::bigint from language l
union all
select 'conditions', c.code, c.bit::bigint from condition c
