-- in: lab bigint, user_id bigint, user_action text · out: - · rows: none
with no_request as (delete from lab_request r where r.lab = :lab and r.account = :user_id),
joined as (insert into lab_member (lab, account) values (:lab, :user_id) on conflict do nothing),
wanted as (
    select l.id, case :user_action when 'make_guest' then l.guest_group when 'make_member' then l.member_group else l.admin_group end as user_group,
           array[l.guest_group, l.readonly_group, l.member_group, l.admin_group] as all_groups
    from lab l where l.id = :lab),
no_other as (
    delete from membership m using wanted w
    where m.account = :user_id and m.user_group = any (w.all_groups) and m.user_group <> w.user_group)
insert into membership (account, user_group) select :user_id, w.user_group from wanted w on conflict do nothing
