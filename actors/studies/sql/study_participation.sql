-- in: viewer bigint, id bigint, must_have_participated uuid[], must_not_have_participated uuid[] · out: - · rows: none
with known as (
    select s.id, s.uuid from study s
    where s.uuid = any (:must_have_participated || :must_not_have_participated)
      and (s.id = :id or s.id in (select studies_where(:viewer, 'read_details')) or s.state = 'active' and s.public
           or exists (select from must_have_participated h where h.study = :id and h.other = s.id)
           or exists (select from must_not_have_participated h where h.study = :id and h.other = s.id))),
no_more as (delete from must_have_participated h where h.study = :id and h.other not in (select k.id from known k where k.uuid = any (:must_have_participated))),
no_more_not as (delete from must_not_have_participated h where h.study = :id and h.other not in (select k.id from known k where k.uuid = any (:must_not_have_participated))),
wanted as (insert into must_have_participated (study, other) select :id, k.id from known k where k.uuid = any (:must_have_participated) on conflict do nothing)
insert into must_not_have_participated (study, other) select :id, k.id from known k where k.uuid = any (:must_not_have_participated) on conflict do nothing
