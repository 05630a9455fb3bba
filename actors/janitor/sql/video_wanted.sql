-- in: name text · out: is_wanted bool · rows: one
-- rights: a job; tells of a file that it has a row, and nothing more
select exists (select from video v where v.full_name = :name)
       or exists (select from upload u where u.full_name = :name and u.state in ('receiving', 'received')) as is_wanted
