-- What the API's writing routes need of the database: times that come without an offset, and the answer to a video notice.

-- A time as machines write it: "2024-05-01T12:51:30.123Z", "2024-05-01 12:51:30.123456", or a day, which is its midnight. Without an
-- offset it is the clock of the site. Null: none of that.
create function site_time_read(value text) returns timestamptz
language plpgsql stable parallel safe as $$
declare
    zone text := coalesce(nullif(current_setting('lookit.time_zone', true), ''), 'America/New_York');
begin
    if value !~ '^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{1,2}(:\d{1,2}([.,]\d{1,6}\d{0,6})?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?$' then
        return null;
    elsif value ~ '[T ].*(Z|[+-]\d{2}(:?\d{2})?)$' then
        return replace(value, ',', '.')::timestamptz;
    end if;
    return replace(value, ',', '.')::timestamp at time zone zone;
exception when data_exception then
    return null;
end $$;

-- The row may be gone by then: what comes too late into a session that was withdrawn is deleted as it is inserted, but whoever sent
-- the notice did right. base: "https://lookit.example/api/v1/".
create function api_video(uuid uuid, pipe_name text, pipe_numeric_id int, s3_timestamp timestamptz, frame_id text, full_name text,
                          is_consent_footage bool, study uuid, response uuid, base text) returns json
language plpgsql stable parallel safe as $$
begin
    return json_build_object('data', json_build_object(
        'type', 'videos', 'id', uuid,
        'attributes', json_build_object(
            'pipe_name', pipe_name, 'pipe_numeric_id', pipe_numeric_id, 's3_timestamp', api_time(s3_timestamp), 'frame_id', frame_id,
            'full_name', full_name, 'is_consent_footage', is_consent_footage, 'pk', null),
        'relationships', json_build_object(
            'study', json_build_object('links', json_build_object('related', base || 'studies/' || study || '/'),
                                       'data', json_build_object('type', 'studies', 'id', study)),
            'response', json_build_object('links', json_build_object('related', base || 'responses/' || response || '/'),
                                          'data', json_build_object('type', 'responses', 'id', response))),
        'links', json_build_object('self', base || 'video/' || uuid || '/')));
end $$;
