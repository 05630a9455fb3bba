-- in: lab bigint, name text, slug text, institution text, principal_investigator_name text, contact_email text, contact_phone text, lab_website text, description text, irb_contact_info text, is_approved bool · out: - · rows: none
update lab l
set name = :name, slug = :slug, institution = coalesce(:institution, ''), principal_investigator_name = :principal_investigator_name,
    contact_email = :contact_email, contact_phone = :contact_phone, lab_website = coalesce(:lab_website, ''),
    description = :description, irb_contact_info = :irb_contact_info, approved_to_test = :is_approved
where l.id = :lab
