-- in: name text, slug text, institution text, principal_investigator_name text, contact_email text, contact_phone text, lab_website text, description text, irb_contact_info text · out: id bigint · rows: one
insert into lab (name, slug, institution, principal_investigator_name, contact_email, contact_phone, lab_website, description, irb_contact_info)
values (:name, :slug, coalesce(:institution, ''), :principal_investigator_name, :contact_email, :contact_phone, coalesce(:lab_website, ''),
        :description, :irb_contact_info)
returning id
