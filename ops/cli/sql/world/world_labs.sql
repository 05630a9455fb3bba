-- in: rows json · out: - · rows: none
-- Its groups and what they may are made by its trigger.
insert into lab (id, uuid, name, slug, institution, principal_investigator_name, contact_email, contact_phone, lab_website,
                 description, irb_contact_info, approved_to_test, banner, badge)
select r.pk, r.uuid, r.name, r.slug, r.institution, r.principal_investigator_name, r.contact_email, r.contact_phone, r.lab_website,
       r.description, r.irb_contact_info, r.approved_to_test, r.banner, r.badge
from json_to_recordset(:rows) r (pk bigint, uuid uuid, name text, slug text, institution text, principal_investigator_name text,
                                 contact_email text, contact_phone text, lab_website text, description text, irb_contact_info text,
                                 approved_to_test bool, banner text, badge text)
