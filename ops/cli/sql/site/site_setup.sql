-- in: digest bytea · out: is_open bool · rows: one
select invitation_first(:digest) as is_open
