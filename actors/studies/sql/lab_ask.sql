-- in: viewer bigint, lab bigint · out: uuid uuid, is_member bool · rows: one
with asked as (
    insert into lab_request (lab, account)
    select l.id, :viewer from lab l
    where l.id = :lab and not exists (select from lab_member m where m.lab = l.id and m.account = :viewer)
    on conflict do nothing)
select l.uuid, exists (select from lab_member m where m.lab = l.id and m.account = :viewer) as is_member
from lab l where l.id = :lab
