-- claim: API_C_02_an_inactive_parent_sees_no_child
do $$
declare
    w test.world := test.world();
begin
    perform test.eq(api_children(w.parent, null, null), array[w.child]);
    update account set is_active = false where id = w.parent;
    perform test.eq(api_children(w.parent, null, null), '{}'::bigint[]);
end $$;

-- claim: API_C_10_a_child_of_an_inactive_parent_is_not_there_even_for_the_parent
do $$
declare
    w test.world := test.world();
begin
    perform test.eq((select child_is_visible(w.parent, c) from child c where c.id = w.child), true);
    update account set is_active = false where id = w.parent;
    perform test.eq((select child_is_visible(w.parent, c) from child c where c.id = w.child), false);
end $$;

-- claim: API_X_02_times_have_the_offset_of_the_site
select test.eq(api_time('2026-05-01 14:55:08.010846Z'), '2026-05-01T10:55:08.010846-04:00');
select test.eq(api_time('2026-01-09 02:05:44Z'), '2026-01-08T21:05:44-05:00');

-- claim: a_list_and_its_items_show_the_same
-- of everything there is, to everybody there is
do $$
declare
    w      test.world := test.world();
    others bigint[] := array[w.parent, w.researcher, test.account('nobody'), test.account('reader', true)];
    who    bigint;
begin
    insert into permit (permission, account, study) select id, others[4], w.study from permission where name in ('read_data', 'read_preview_data');
    update account set is_superuser = true where id = w.researcher;
    update response set completed_consent_frame = true where id = w.response;
    insert into response (study, child, is_preview, completed_consent_frame) values (w.study, w.child, true, true);
    insert into response (study, child) values (w.study, test.child(test.account('another')));
    foreach who in array others loop
        perform test.eq(array(select unnest(api_users(who)) order by 1),
                        array(select a.id from account a where account_is_visible(who, a) order by 1));
        perform test.eq(array(select unnest(api_children(who, null, null)) order by 1),
                        array(select c.id from child c where child_is_visible(who, c) order by 1));
        perform test.eq(array(select unnest(api_demographics(who, null, null)) order by 1),
                        array(select d.id from demographic d where demographic_is_visible(who, d) order by 1));
        perform test.eq(array(select unnest(api_responses(who, null, null)) order by 1),
                        array(select r.id from response r where response_is_visible(who, r) order by 1));
        perform test.eq(array(select unnest(api_study_responses(who, s, null, '{}')) order by 1),
                        array(select r.id from response r where r.study = s.id and is_api_study_response(who, s, r, null, '{}') order by 1))
        from study s where s.id = w.study;
        perform test.eq(array(select unnest(api_feedback(who)) order by 1),
                        array(select f.id from feedback f join response r on r.id = f.response where response_is_visible(who, r) order by 1));
    end loop;
end $$;

-- claim: every_page_is_a_slice_and_together_they_are_the_list
do $$
declare
    p     record;
    found bigint[] := '{}';
begin
    for n in 1 .. 4 loop
        select * into p from api_page('{9,8,7,6,5,4,3,2,1,0}', 'http://x/', '{page_size,3}', n::text, '3') p;
        found := found || p.ids;
    end loop;
    perform test.eq(found, '{9,8,7,6,5,4,3,2,1,0}'::bigint[]);
    perform test.eq(p.links ->> 'prev', 'http://x/?page=3&page_size=3');
    perform test.eq(p.links ->> 'next', null::text);
end $$;

-- claim: an_empty_list_has_one_page
select test.eq((select p.links ->> 'last' from api_page('{}', 'http://x/', '{}', 'last', null) p), 'http://x/?page=1');

-- claim: sizes_that_are_none_are_ten_and_a_hundred_is_the_most
select test.eq((select array_agg(cardinality(p.ids) order by n)
                from unnest('{0,-3,x,1.5,007,101,99999999999999999999}'::text[]) with ordinality u (size, n),
                     api_page(array(select g::bigint from generate_series(1, 500) g), 'x', '{}', null, u.size) p),
               '{10,10,10,10,7,100,100}');

-- claim: a_page_behind_the_end_is_refused
-- refused: LK004
select api_page('{1,2,3}', 'x', '{}', '2', null);

-- claim: addresses_are_encoded_as_the_reference_does
select test.eq(api_encode('a b+c/ü[]~_.-'), 'a+b%2Bc%2F%C3%BC%5B%5D~_.-');

-- claim: demographics_come_in_the_order_of_any_column_shown
do $$
declare
    who    bigint := test.account('told');
    first  bigint;
    second bigint;
begin
    insert into demographic (account, annual_income, created_at) values (who, 'na', now() - interval '1 day') returning id into first;
    insert into demographic (account, annual_income, created_at) values (who, '0', now()) returning id into second;
    perform test.eq(api_demographics(who, null, null), array[second, first]);
    perform test.eq(api_demographics(who, null, 'created_at'), array[first, second]);
    perform test.eq(api_demographics(who, null, 'annual_income,-pk'), array[second, first]);
    perform test.eq(api_demographics(who, null, '-annual_income'), array[first, second]);
    perform test.eq(api_demographics(who, null, 'account; drop table demographic'), array[second, first]);
    perform test.eq(api_demographics(who, null, '--pk'), array[second, first]);
    perform test.eq(api_demographics(who, null, 'date_created, pk'), array[first, second]);
end $$;
