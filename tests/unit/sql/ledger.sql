-- claim: the_same_op_id_twice_is_one_job
select test.eq(job_add('mail.send', '{"n": 1}', 'op-1'), job_add('mail.send', '{"n": 2}', 'op-1'));
select test.eq((select array_agg(payload) from job), array['{"n": 1}'::jsonb]);

-- claim: a_due_job_is_leased_once_and_done
do $$
declare
    id bigint := job_add('mail.send', '{}', 'op-1');
    j  job;
begin
    perform job_add('mail.send', '{}', 'op-later', interval '1 hour'), job_add('video.erase', '{}', 'op-other');
    select * into j from job_lease('{mail.send}', 'me', interval '1 min', 10);
    perform test.eq(j.id, id), test.eq(j.attempts, 1), test.eq(j.lease_owner, 'me'), test.eq(j.state, 'leased');
    perform test.eq((select count(*) from job_lease('{mail.send}', 'you', interval '1 min', 10)), 0::bigint);
    perform test.eq(job_renew(id, 'you', interval '1 min'), false), test.eq(job_renew(id, 'me', interval '1 min'), true);
    perform test.eq(job_done(id, 'you'), false), test.eq(job_done(id, 'me', '{"sent": true}'), true), test.eq(job_done(id, 'me'), false);
    perform test.eq((select state || (outcome ->> 'sent') from job where op_id = 'op-1'), 'donetrue');
end $$;

-- claim: a_failed_job_waits_longer_each_time_and_is_then_parked
do $$
declare
    id   bigint := job_add('mail.send', '{}', 'op-1', attempts_max => 4);
    wait interval;
begin
    for i in 1..3 loop
        update job set due_at = now();
        perform job_lease('{mail.send}', 'me', interval '1 min', 1);
        perform test.eq(job_failed(id, 'me', 'no answer'), 'due');
        select due_at - now() into wait from job;
        if wait not between interval '4 s' * 2 ^ i and interval '6 s' * 2 ^ i then
            raise exception 'attempt % waits %', i, wait;
        end if;
    end loop;
    update job set due_at = now();
    perform job_lease('{mail.send}', 'me', interval '1 min', 1);
    perform test.eq(job_failed(id, 'me', 'no answer'), 'parked'),
            test.eq((select count(*) from job_lease('{mail.send}', 'me', interval '1 min', 1)), 0::bigint);
end $$;

-- claim: leases_that_ran_out_are_taken_again_until_no_attempt_is_left
do $$
declare
    id bigint := job_add('mail.send', '{}', 'op-1', attempts_max => 2);
begin
    perform job_lease('{mail.send}', 'a', interval '-1 s', 1);
    perform test.eq((select attempts from job_lease('{mail.send}', 'b', interval '-1 s', 1)), 2);
    perform test.eq(job_done(id, 'a'), false);
    perform test.eq((select count(*) from job_lease('{mail.send}', 'c', interval '1 s', 1)), 0::bigint);
    perform test.eq((select array_agg(state) from job), '{parked}');
    perform test.eq(job_unpark(id), true), test.eq((select count(*) from job_lease('{mail.send}', 'd', interval '1 s', 1)), 1::bigint);
end $$;

-- claim: a_final_failure_is_parked_at_once_with_its_reason
do $$
declare
    id bigint := job_add('mail.send', '{}', 'op-1');
begin
    perform job_lease('{mail.send}', 'me', interval '1 min', 1);
    perform test.eq(job_failed(id, 'me', 'no such address', true), 'parked'), test.eq(job_failed(id, 'me', 'again'), null);
    perform test.eq((select array_agg(why) from job), '{no such address}');
end $$;

-- claim: an_event_is_never_changed
-- refused: P0001
select event_add('study.changed', 1, gen_random_uuid(), '{"state": "active"}');
update event set kind = 'study.other';

-- claim: a_session_says_who_it_is_until_it_ends
do $$
declare
    a bigint := test.account('Ann');
begin
    perform session_open(sha256('one'), a, interval '1 day'), session_open(sha256('two'), a, interval '1 day'),
            session_open(sha256('old'), a, interval '-1 s');
    perform test.eq(session_whoami(sha256('one')) ->> 'name', 'Ann '), test.eq((session_whoami(sha256('one')) ->> 'id')::bigint, a),
            test.eq(session_whoami(sha256('old'))::text, null), test.eq(session_whoami(sha256('none'))::text, null),
            test.eq((select last_login from account where id = a), now());
    perform session_extend(sha256('one'), interval '4 days'), session_extend(sha256('one'), interval '1 day');
    perform test.eq((select expires_at from session where digest = sha256('one')), now() + interval '4 days');
    perform session_close(sha256('one'));
    perform test.eq(session_whoami(sha256('one'))::text, null);
    update account set is_active = false where id = a;
    perform test.eq(session_whoami(sha256('two'))::text, null);
    update account set is_active = true where id = a;
    perform session_close_all(a);
    perform test.eq(session_whoami(sha256('two'))::text, null);
end $$;

-- claim: a_token_says_who_it_is
do $$
declare
    a bigint := test.account('Ann');
begin
    insert into token (digest, account) values (sha256('key'), a);
    perform test.eq((token_whoami(sha256('key')) ->> 'id')::bigint, a), test.eq(token_whoami(sha256('other'))::text, null);
    update account set is_active = false where id = a;
    perform test.eq(token_whoami(sha256('key'))::text, null);
end $$;
