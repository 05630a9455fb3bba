-- in: viewer bigint, lab bigint, user_id bigint · out: uuid uuid, may bool, is_member bool, is_asking bool, is_last_admin bool · rows: one
select l.uuid, may_lab(:viewer, l.id, 'manage_lab_researchers') as may,
       exists (select from lab_member m where m.lab = l.id and m.account = :user_id) as is_member,
       exists (select from lab_request r where r.lab = l.id and r.account = :user_id) as is_asking,
       exists (select from membership m where m.user_group = l.admin_group and m.account = :user_id)
           and not exists (select from membership m where m.user_group = l.admin_group and m.account <> :user_id) as is_last_admin
from lab l where l.id = :lab for update
