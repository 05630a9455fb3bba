-- in: rows json · out: - · rows: none
with wanted as (
    insert into must_have_participated (study, other)
    select r.pk, o.id from json_to_recordset(:rows) r (pk bigint, must_have_participated bigint[]),
                           unnest(r.must_have_participated) o (id)
), unwanted as (
    insert into must_not_have_participated (study, other)
    select r.pk, o.id from json_to_recordset(:rows) r (pk bigint, must_not_have_participated bigint[]),
                           unnest(r.must_not_have_participated) o (id)
)
insert into membership (account, user_group)
select m.id::bigint,
       case g.kind when 'PREVIEW' then s.preview_group when 'DESIGN' then s.design_group when 'ANALYSIS' then s.analysis_group
                   when 'SUBMISSION_PROCESSOR' then s.submission_processor_group when 'RESEARCHER' then s.researcher_group
                   when 'MANAGER' then s.manager_group when 'ADMIN' then s.admin_group end
from json_to_recordset(:rows) r (pk bigint, groups json) join study s on s.id = r.pk,
     json_each(r.groups) g (kind, people), json_array_elements_text(g.people) m (id)
