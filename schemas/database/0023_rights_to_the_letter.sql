-- What the query of one response may ask besides. In a function, so that its emptiness does not look like a cheaper plan: the
-- statement would be planned anew each time it runs.
create function response_fits(r response, of_child uuid, of_study uuid) returns bool
language plpgsql stable parallel safe as $$
begin
    return (of_child is null or r.child = (select c.id from child c where c.uuid = of_child))
           and (of_study is null or r.study = (select s.id from study s where s.uuid = of_study));
end $$;

-- Whether a study exists is told to those who may read it, and to those who may do with it what they ask to do.
create function may_know(viewer bigint, study bigint, perm text) returns bool
language plpgsql stable parallel safe as $$
begin
    return may_study(viewer, may_know.study, 'read_details') or may_study(viewer, may_know.study, perm);
end $$;

-- fields[type] in the answer to a write, whose document is whole already: opened only when something is left out.
create function api_sparse_document(doc json, type text, query text[]) returns json
language plpgsql stable parallel safe as $$
begin
    if query @> array['fields[' || type || ']'] then
        return json_build_object('data', api_sparse(doc -> 'data', type, query));
    end if;
    return doc;
end $$;
