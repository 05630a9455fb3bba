-- in: rows json · out: - · rows: none
with belonging as (
    insert into lab_member (lab, account)
    select r.pk, m.id from json_to_recordset(:rows) r (pk bigint, members bigint[]), unnest(r.members) m (id)
), asking as (
    insert into lab_request (lab, account)
    select r.pk, m.id from json_to_recordset(:rows) r (pk bigint, requested bigint[]), unnest(r.requested) m (id)
)
insert into membership (account, user_group)
select m.id::bigint,
       case g.kind when 'GUEST' then l.guest_group when 'READONLY' then l.readonly_group when 'MEMBER' then l.member_group
                   when 'ADMIN' then l.admin_group end
from json_to_recordset(:rows) r (pk bigint, groups json) join lab l on l.id = r.pk,
     json_each(r.groups) g (kind, people), json_array_elements_text(g.people) m (id)
