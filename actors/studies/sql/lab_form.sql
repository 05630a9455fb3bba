-- in: viewer bigint · out: doc json · rows: one
select json_build_object('can', json_build_object('approve', false),
                         'form', json_build_object('values', json_build_object('contact_email', a.username))) as doc
from account a where a.id = :viewer
