-- in: viewer bigint, v text, study uuid, origin text · out: doc json · rows: maybe
select json_build_object('data', json_build_object(
    'type', 'studies', 'id', s.uuid,
    'attributes', json_build_object(
        'name', s.name, 'short_description', s.short_description, 'purpose', s.purpose, 'criteria', s.criteria, 'duration', s.duration,
        'contact_info', s.contact_info, 'image', case when s.image is not null then :origin || '/media/' || s.image end, 'structure', s.structure,
        'generator', s.generator, 'use_generator', s.use_generator, 'display_full_screen', s.display_full_screen,
        'exit_url', coalesce(nullif(s.exit_url, ''), :origin || '/studies/history/'), 'state', s.state, 'public', s.public, 'pk', s.id),
    'relationships', json_build_object('responses', json_build_object('links', json_build_object('related', link.own || 'responses/'))),
    'links', json_build_object('self', link.own))) as doc
from study s, lateral (select :origin || '/api/' || :v || '/studies/' || s.uuid || '/' as own) link
where s.uuid = :study
  and (s.state = 'active'
       or exists (select from account a where a.id = :viewer and a.is_active and a.is_researcher)
          and (s.shared_preview or may_study(:viewer, s.id, 'read_details')))
