-- in: viewer bigint, study bigint, match text, before bigint · out: doc json · rows: maybe
select json_build_object(
    'study', json_build_object('id', s.id, 'uuid', s.uuid, 'name', s.name),
    'match', coalesce(:match, ''),
    'videos', coalesce(json_agg(json_build_object(
                  'id', v.id, 'name', v.full_name, 'frame_id', v.frame_id, 'response', v.response_uuid, 'is_preview', v.is_preview,
                  'is_consent', v.is_consent_footage, 'recorded_at', v.s3_timestamp, 'size_bytes', v.size_bytes)
                  order by v.id desc) filter (where v.place <= 100), '[]'),
    'next', min(v.id) filter (where v.place = 100 and v.is_more)) as doc
from study s
     left join lateral (
         select x.id, x.full_name, x.frame_id, r.uuid as response_uuid, r.is_preview, x.is_consent_footage, x.s3_timestamp, x.size_bytes,
                row_number() over (order by x.id desc) as place, count(*) over () > 100 as is_more
         from video x join response r on r.id = x.response
         where r.id in (select study_responses(:viewer, s.id))
           and (coalesce(:match, '') = '' or strpos(lower(x.full_name), lower(:match)) > 0)
           and (:before is null or x.id < :before)
         order by x.id desc
         limit 101) v on true
where s.id = :study and (may_study(:viewer, s.id, 'read_data') or may_study(:viewer, s.id, 'read_preview_data'))
group by s.id
