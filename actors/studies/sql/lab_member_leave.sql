-- in: lab bigint, user_id bigint · out: - · rows: none
with no_request as (delete from lab_request r where r.lab = :lab and r.account = :user_id),
no_member as (delete from lab_member m where m.lab = :lab and m.account = :user_id)
delete from membership m
where m.account = :user_id
  and (m.user_group in (select unnest(array[l.guest_group, l.readonly_group, l.member_group, l.admin_group]) from lab l where l.id = :lab)
       or m.user_group in (select unnest(array[s.preview_group, s.design_group, s.analysis_group, s.submission_processor_group,
                                               s.researcher_group, s.manager_group, s.admin_group]) from study s where s.lab = :lab))
