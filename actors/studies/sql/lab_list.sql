-- in: viewer bigint, set text, match text, page int · out: doc json · rows: one
with asked as (
    select case when :set in ('all', 'unapproved') then :set else 'myLabs' end as set, coalesce(:match, '') as match,
           greatest(coalesce(:page, 1), 1) as page, may_site(:viewer, 'approve_lab') as may_approve),
found as (
    select l.id, l.name, l.institution, l.principal_investigator_name, l.approved_to_test,
           m.account is not null as is_member, r.account is not null as is_requested
    from asked a, lab l left join lab_member m on m.lab = l.id and m.account = :viewer
         left join lab_request r on r.lab = l.id and r.account = :viewer
    where case a.set when 'all' then true when 'unapproved' then a.may_approve and not l.approved_to_test
                     else m.account is not null or r.account is not null end
      and not exists (select from regexp_split_to_table(btrim(a.match), '\s+') w
                      where strpos(lower(concat_ws(' ', l.name, l.principal_investigator_name, l.institution)), lower(w)) = 0)),
counted as (select count(*) as n, greatest((count(*) + 9) / 10, 1) as pages from found)
select json_build_object(
    'set', a.set, 'match', a.match, 'can', json_build_object('create', true, 'approve', a.may_approve),
    'tabs', (select json_agg(json_build_object('set', t.set, 'label', t.label, 'is_here', t.set = a.set) order by t.place)
             from (values (1, 'myLabs', 'My labs'), (2, 'all', 'All labs'), (3, 'unapproved', 'Waiting for approval')) t (place, set, label)
             where t.set <> 'unapproved' or a.may_approve),
    'labs', (select coalesce(json_agg(json_build_object(
                        'id', f.id, 'name', f.name, 'institution', f.institution, 'principal_investigator_name', f.principal_investigator_name,
                        'is_approved', f.approved_to_test, 'is_member', f.is_member, 'is_requested', f.is_requested) order by f.name), '[]')
             from (select id, name, institution, principal_investigator_name, approved_to_test, is_member, is_requested from found order by name limit 10 offset (a.page - 1) * 10) f),
    'paging', json_build_object('number', a.page, 'count', c.pages, 'previous', case when a.page > 1 then a.page - 1 end,
                                'next', case when a.page < c.pages then a.page + 1 end)) as doc
from asked a, counted c
