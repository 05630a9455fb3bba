-- Of two bad filters on the responses of one study the first of their pointers is told, and numbers may have blanks around them.

create or replace function api_filter(value text, name text) returns uuid
language plpgsql immutable parallel safe as $$
begin
    return nullif(btrim(value), '')::uuid;
exception when invalid_text_representation then
    raise exception using errcode = 'LK010', message = 'This is no valid id.', column = 'relationships/' || name;
end $$;

create or replace function api_study_filter(study uuid, child text, query text[], out is_none bool, out of_child uuid)
language plpgsql immutable parallel safe as $$
declare
    is_nobody bool := coalesce(child = 'TEST_CHILD_DISREGARD', false);
begin
    of_child := case when not is_nobody then api_filter(child, 'child') end;
    is_none := coalesce(api_filter(api_query(query, 'study'), 'study') <> study, false) or is_nobody;
end $$;

create or replace function api_page(visible bigint[], address text, query text[], page text, page_size text, out links json, out ids bigint[])
language plpgsql stable parallel safe as $$
declare
    count  int := cardinality(visible);
    size   int := case when btrim(page_size) ~ '^0*[1-9][0-9]{0,8}$' then least(page_size::int, 100)
                       when btrim(page_size) ~ '^0*[1-9][0-9]*$' then 100 else 10 end;
    pages  int := greatest(1, (count + size - 1) / size);
    number int := case when coalesce(page, '') = '' then 1 when page = 'last' then pages
                       when btrim(page) ~ '^0*[0-9]{1,9}$' then page::int else 0 end;
begin
    if number not between 1 and pages then
        raise exception using errcode = 'LK004', message = 'Invalid page.', column = 'data';
    end if;
    links := api_links(address, query, number, pages, count);
    ids := visible[(number - 1) * size + 1 : number * size];
end $$;
