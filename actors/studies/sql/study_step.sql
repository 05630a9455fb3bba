-- in: viewer bigint, study bigint, trigger text · out: uuid uuid, state text, may_know bool, is_known bool, may bool, to_state text, hindrance text, past text, wants_comments bool, mail text · rows: one
select s.uuid, s.state, may_know(:viewer, s.id, 'change_status') or may_site(:viewer, 'approve') as may_know, t.name is not null as is_known,
       coalesce(may_pull(:viewer, s.id, t), false) as may, p.to_state, case when t.name is not null then study_hindrance(s, t) end as hindrance,
       t.past, t.comments_label is not null as wants_comments, p.mail
from study s left join study_trigger t on t.name = :trigger left join study_step p on p.trigger = t.name and p.from_state = s.state
where s.id = :study for update of s
