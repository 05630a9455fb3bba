-- in: - · out: - · rows: none
-- A world has the administrators' group with its six grants. A site of ours lets them read every study, too (0012).
delete from permit p using user_group g, permission q
where g.id = p.user_group and g.name = 'LOOKIT_ADMIN' and p.object = 0 and q.id = p.permission
  and q.name not in ('approve', 'change_status', 'approve_lab', 'edit_lab', 'read_lab_researchers', 'manage_lab_researchers')
