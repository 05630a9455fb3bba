-- in: viewer bigint, lab bigint · out: may bool, doc json · rows: one
select may_lab(:viewer, l.id, 'edit_lab') as may,
       json_build_object(
           'lab', json_build_object('id', l.id, 'name', l.name), 'can', json_build_object('approve', may_site(:viewer, 'approve_lab')),
           'form', json_build_object('values', json_build_object(
               'name', l.name, 'slug', l.slug, 'institution', l.institution, 'principal_investigator_name', l.principal_investigator_name,
               'contact_email', l.contact_email, 'contact_phone', l.contact_phone, 'lab_website', l.lab_website,
               'description', l.description, 'irb_contact_info', l.irb_contact_info, 'approved_to_test', l.approved_to_test))) as doc
from lab l
where l.id = :lab
