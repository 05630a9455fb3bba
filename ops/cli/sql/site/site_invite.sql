-- in: email text, digest bytea · out: expires_at timestamptz · rows: one
select invitation_add('researcher', :email, :digest, null) as expires_at
