-- in: study bigint, structure text, is_json bool, use_generator bool, generator text, player_repo_url text, last_known_player_sha text · out: uuid uuid, state text · rows: one
update study s
set structure = case when :is_json and jsonb_typeof(:structure::jsonb) = 'object' then :structure::jsonb - 'exact_text' else '{}' end
                || jsonb_build_object('exact_text', :structure),
    use_generator = :use_generator, generator = coalesce(:generator, ''), metadata = m.new,
    built = s.built and m.new = s.metadata, is_building = s.is_building and m.new = s.metadata
from (select o.id, o.metadata || jsonb_strip_nulls(jsonb_build_object('player_repo_url', nullif(:player_repo_url, ''),
                                                                      'last_known_player_sha', nullif(:last_known_player_sha, ''))) as new
      from study o where o.id = :study) m
where s.id = m.id
returning s.uuid, s.state
