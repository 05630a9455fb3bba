-- in: viewer bigint, study bigint, trigger text, to_state text, comments text, wants_comments bool, mail text, origin text, issue_deception bool, issue_length bool, issue_consent bool, issue_externaldata bool, issue_personaldata bool, issue_sensitive bool, collecting_data bool, issues_description text · out: id bigint · rows: one
with moved as (
    update study s
    set state = :to_state, status_change_date = now(), comments = case when :wants_comments then :comments else s.comments end,
        comments_extra = coalesce(s.comments_extra, '{}') - 'declarations' || case when :trigger = 'submit' then
            jsonb_build_object('declarations', jsonb_build_object(
                'issue_deception', :issue_deception, 'issue_length', :issue_length, 'issue_consent', :issue_consent,
                'issue_externaldata', :issue_externaldata, 'issue_personaldata', :issue_personaldata, 'issue_sensitive', :issue_sensitive,
                'collecting_data', :collecting_data, 'issues_description', coalesce(:issues_description, ''))) else '{}' end
    where s.id = :study
    returning s.id, s.uuid, s.comments_extra),
logged as (
    insert into study_log (study, account, action, extra)
    select m.id, :viewer, :to_state, jsonb_build_object('comments', case when :wants_comments then :comments end) || m.comments_extra from moved m
    returning id, study),
mailed as (select study_mail_add(l.study, :mail, l.id, :origin) from logged l)
select event_add('study.' || :to_state, :viewer, m.uuid) as id from moved m, mailed
