-- in: viewer bigint, study bigint, origin text · out: doc json · rows: maybe
select json_build_object(
    'title', s.name, 'study_link', :origin || '/studies/' || s.uuid || '/', 'preview_link', :origin || '/exp/studies/' || s.uuid || '/preview-detail/',
    'study', json_build_object(
        'id', s.id, 'uuid', s.uuid, 'name', s.name, 'short_description', s.short_description, 'purpose', s.purpose, 'duration', s.duration,
        'criteria', s.criteria, 'compensation_description', s.compensation_description,
        'exit_url', coalesce(nullif(s.exit_url, ''), :origin || '/studies/history/'), 'age_text', age_window_text(s),
        'lab', json_build_object('id', l.id, 'name', l.name, 'is_approved', coalesce(l.approved_to_test, false)),
        'modified_text', day_text((s.date_modified at time zone 'UTC')::date), 'type_text', study_type_text(s.study_type),
        'is_lookit', s.study_type = 1, 'is_external', s.study_type = 2, 'shared_preview', s.shared_preview, 'public', s.public,
        'state', s.state, 'state_text', study_state_text(s.state), 'state_since_text', day_text((s.status_change_date at time zone 'UTC')::date),
        'is_active', s.state = 'active', 'is_submitted', s.state = 'submitted', 'comments', nullif(s.comments, ''),
        'declarations', (select json_agg(d.label order by d.place)
                         from (values (1, 'issue_deception', 'Deception, or information held back'), (2, 'issue_length', 'Sessions over 30 minutes'),
                                      (3, 'issue_consent', 'A consent other than the standard one'),
                                      (4, 'issue_externaldata', 'Uses information about participants from elsewhere'),
                                      (5, 'issue_personaldata', 'Asks for information that identifies people'),
                                      (6, 'issue_sensitive', 'Sensitive topics'), (7, 'collecting_data', 'Data collection has already begun')) d (place, key, label)
                         where s.state = 'submitted' and s.comments_extra -> 'declarations' -> d.key = 'true'),
        'issues_description', case when s.state = 'submitted' then nullif(s.comments_extra -> 'declarations' ->> 'issues_description', '') end,
        'shows_link', s.study_type <> 1 or s.built, 'discoverability_text', discoverability_text(s)),
    'build', case when s.study_type = 1 then (
        select json_build_object('is_built', s.built, 'is_building', s.is_building, 'version', left(v.sha256, 12),
                                 'built_at', to_char(v.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'built_text', moment_text(v.created_at),
                                 'has_changes', study_has_changes(s),
                                 'problem', (select g.extra #>> '{}' from study_log g where g.study = s.id and g.action in ('deployed', 'failed to build')
                                               and g.id = (select max(x.id) from study_log x where x.study = s.id and x.action in ('deployed', 'failed to build'))
                                               and g.action = 'failed to build'))
        from (select) one left join study_version v on v.id = s.version) end,
    'can', json_build_object(
        'edit', may_study(:viewer, s.id, 'write_details'), 'preview', may_study(:viewer, s.id, 'read_preview_data'),
        'read_responses', may_study(:viewer, s.id, 'read_data') or may_study(:viewer, s.id, 'read_preview_data'),
        'code_consent', may_study(:viewer, s.id, 'code_consent') or may_study(:viewer, s.id, 'code_preview_consent'),
        'clone', study_labs(:viewer, null) <> '[]', 'change_status', may_study(:viewer, s.id, 'change_status'),
        'approve', may_site(:viewer, 'approve')),
    'triggers', (select coalesce(json_agg(json_build_object(
                            'trigger', t.name, 'label', t.label, 'note', t.note, 'is_main', t.is_main, 'wants_comments', t.comments_label is not null,
                            'comments_label', t.comments_label, 'is_dangerous', t.is_dangerous, 'wants_declarations', t.name = 'submit',
                            'blocked', study_hindrance(s, t)) order by t.place), '[]')
                 from study_step p join study_trigger t on t.name = p.trigger
                 where p.from_state = s.state and may_pull(:viewer, s.id, t)),
    'log', (select coalesce(json_agg(json_build_object(
                       'created_at', to_char(g.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'created_text', moment_text(g.created_at),
                       'action_text', case g.action when 'active' then 'started' when 'deployed' then 'built' when 'deactivated' then 'ended'
                                                    when 'rejected' then case when g.account is null then 'rejected, due to changes' else 'rejected' end
                                                    else g.action end,
                       'person', g.person, 'comments', case when jsonb_typeof(g.extra) = 'object' then nullif(g.extra ->> 'comments', '')
                                                            when g.action = 'deployed' then left(g.extra #>> '{}', 20) -- version, as long as above
                                                            else g.extra #>> '{}' end) order by g.id desc), '[]')
            from (select g.id, g.created_at, g.action, g.account, g.extra,
                         case when a.id is not null then display_name(a.nickname, a.given_name, a.family_name) end as person
                  from study_log g left join account a on a.id = g.account
                  where g.study = s.id order by g.id desc limit 20) g),
    'researchers', (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'role_text', r.role) order by r.family_name, r.id), '[]')
                    from (select a.id, a.family_name, display_name(a.nickname, a.given_name, a.family_name) as name, study_role(a.id, s.id) as role
                          from account a
                          where a.id in (select m.account from membership m
                                         where m.user_group in (s.preview_group, s.design_group, s.analysis_group, s.submission_processor_group,
                                                                s.researcher_group, s.manager_group, s.admin_group))
                          order by a.family_name, a.id limit 100) r)) as doc
from study s left join lab l on l.id = s.lab
where s.id = :study and may_study(:viewer, s.id, 'read_details')
