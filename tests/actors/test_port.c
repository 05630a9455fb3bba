/* port: every ask has exactly one answer, from inside the house and from another process. */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"
#include "rig.h"

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig = (struct rig){0};
    probe_reset();
    rig_start(&rig, (struct roster_entry[]){{&probe_actor, 2, "web"}, {0}});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

static void every_ask_has_one_answer(void **state)
{
    bool has_answer[500] = {false};

    (void)state;
    for (uint64_t i = 0; i < 500; i++) {
        struct probe_echo echo = {.doc = arena_print(rig.arena, "%d", (int)i)};
        assert_int_equal(port_ask(rig.port, &MESSAGE_probe_echo, &echo, 0, 0, i), 0);
    }
    for (int i = 0; i < 500; i++) {
        struct answer a = rig_next(&rig);
        assert_false(has_answer[a.tag]);
        has_answer[a.tag] = true;
        assert_true(a.err == 0 || a.err == ERR_BUSY); /* the queue has an end */
    }
    assert_false(port_next(rig.port, rig.arena, &(struct answer){0}, 0));
}

static void too_many_open_asks_are_busy(void **state)
{
    struct port *p;
    struct answer a;
    int n = 0;

    (void)state;
    assert_int_equal(port_open(&p, rig.bus, NULL, "tester"), 0);
    while (port_ask(p, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0, 0, 1) == 0)
        n++;
    assert_int_equal(n, 1024);
    while (n--)
        assert_true(port_next(p, rig.arena, &a, 5000));
    assert_int_equal(port_ask(p, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0, 0, 1), 0);
    assert_true(port_next(p, rig.arena, &a, 5000));
    port_close(&p);
}

static void an_event_loop_is_woken_by_the_descriptor(void **state)
{
    struct pollfd item = {.fd = port_fd(rig.port), .events = POLLIN};
    struct answer a;
    int left = 0;

    (void)state;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 5; i++, left++)
            assert_int_equal(
                port_ask(rig.port, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0, 0, 1), 0);
        while (left) { /* as the header says: drain, then wait for the edge */
            while (port_next(rig.port, rig.arena, &a, 0))
                left--;
            if (left)
                assert_int_equal(poll(&item, 1, 5000), 1);
        }
    }
}

static void the_deadline_is_known_to_the_loop(void **state)
{
    int64_t before = clock_mono_ms();
    struct answer a;

    (void)state;
    assert_true(port_deadline_ms(rig.port) == INT64_MAX);
    assert_int_equal(port_ask(rig.port, &MESSAGE_probe_hold, &(struct probe_hold){0}, 2000, 0, 1), 0);
    assert_in_range(port_deadline_ms(rig.port), before + 2000, clock_mono_ms() + 2000);
    probe_release(1);
    assert_true(port_next(rig.port, rig.arena, &a, 5000));
    assert_int_equal(a.err, 0);
    assert_true(port_deadline_ms(rig.port) == INT64_MAX);
}

static void a_body_that_breaks_a_bound_is_not_asked(void **state)
{
    struct probe_echo echo = {.doc = SPAN("")};

    (void)state;
    assert_int_equal(port_ask(rig.port, &MESSAGE_probe_echo, &echo, 0, 0, 1), ERR_MALFORMED);
    assert_false(port_next(rig.port, rig.arena, &(struct answer){0}, 0));
}

static void a_message_without_handler_is_unsupported(void **state)
{
    (void)state;
    rig_expect(&rig, &MESSAGE_probe_unheard, &(struct probe_unheard){0}, ERR_UNSUPPORTED);
}

static void an_ask_and_wait_leaves_other_answers_in_order(void **state)
{
    (void)state;
    assert_int_equal(port_listen(rig.port, &MESSAGE_probe_happened), 0);
    assert_int_equal(port_ask(rig.port, &MESSAGE_probe_hold, &(struct probe_hold){0}, 0, 0, 1), 0);
    probe_wait_held(1);
    probe_release(1);
    rig_expect(&rig, &MESSAGE_probe_act, &(struct probe_act){PROBE_SAYS_EVENT}, 0);
    rig_expect(&rig, &MESSAGE_probe_act, &(struct probe_act){PROBE_ANSWERS}, 0);
    for (int i = 0; i < 2; i++) {
        struct answer a = rig_next(&rig);
        assert_true(a.tag == 1 || a.message == &MESSAGE_probe_happened);
    }
}

static void bodies_above_the_bus_bound_go_both_ways(void **state)
{
    size_t n = 3 * 1024 * 1024;
    char *doc = arena_get(rig.arena, n);
    const struct reply_doc *got;

    (void)state;
    memset(doc, 'x', n);
    doc[0] = doc[n - 1] = '"';
    rig_expect(&rig, &MESSAGE_probe_echo, &(struct probe_echo){.doc = {doc, n}}, 0);
    got = rig.answer.body;
    assert_int_equal(got->doc.n, n);
    assert_memory_equal(got->doc.p, doc, n);
}

static void another_process_asks_through_the_folder(void **state)
{
    struct port *p;
    struct answer a;
    size_t n = 100000;
    char *doc = arena_get(rig.arena, n);

    (void)state;
    assert_int_equal(port_open(&p, NULL, rig.options.run_dir, "ops"), 0);
    assert_int_equal(
        port_call(p, rig.arena, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("[1]")}, 0, &a), 0);
    memset(doc, '1', n);
    assert_int_equal(
        port_call(p, rig.arena, &MESSAGE_probe_echo, &(struct probe_echo){.doc = {doc, n}}, 0, &a), 0);
    assert_int_equal(((const struct reply_doc *)a.body)->doc.n, n);
    assert_int_equal(port_call(p, rig.arena, &MESSAGE_probe_act, &(struct probe_act){PROBE_ANSWERS}, 0, &a),
                     ERR_DENIED);
    port_close(&p);
}

static void where_no_house_is_nobody_answers(void **state)
{
    struct port *p;

    (void)state;
    assert_int_equal(port_open(&p, NULL, rig.dir, "ops"), ERR_AWAY);
    assert_int_equal(port_open(&p, NULL, rig.options.run_dir, "gateway"), ERR_AWAY);
    assert_int_equal(port_open(&p, NULL, "/no/such/folder", "ops"), ERR_AWAY);
}

static void wait_for_peers(int64_t n)
{
    int64_t until = clock_mono_ms() + 5000;

    while (rig_shown(&rig, "peers_n") != n)
        if (clock_mono_ms() > until)
            fail_msg("%lld peers, not %lld", (long long)rig_shown(&rig, "peers_n"), (long long)n);
}

/* Peers: two replicas, the rig's port, the one that looks. A process with a port is killed while it listens
 * and while a request of its is in hand. */
static void a_port_that_dies_is_forgotten(void **state)
{
    pid_t child;

    (void)state;
    rig_expect(&rig, &MESSAGE_probe_act, &(struct probe_act){PROBE_ANSWERS},
               0); /* now the hub knows the rig's port */
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct port *p;
        if (port_open(&p, NULL, rig.options.run_dir, "ops") || port_listen(p, &MESSAGE_probe_happened) ||
            port_ask(p, &MESSAGE_probe_hold, &(struct probe_hold){0}, 0, 0, 1))
            _exit(1);
        (void)alarm(30); /* should the test not come to it */
        for (;;)
            (void)pause();
    }
    probe_wait_held(1);
    wait_for_peers(5);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    probe_release(1); /* its reply finds nobody */
    rig_wait_shown(&rig, "services.probe.outcomes.ok", 2);
    rig_expect(&rig, &MESSAGE_probe_act, &(struct probe_act){PROBE_SAYS_EVENT}, 0); /* nor does the event */
    wait_for_peers(4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_ask_has_one_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_open_asks_are_busy, setup, teardown),
        cmocka_unit_test_setup_teardown(an_event_loop_is_woken_by_the_descriptor, setup, teardown),
        cmocka_unit_test_setup_teardown(the_deadline_is_known_to_the_loop, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_that_breaks_a_bound_is_not_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_without_handler_is_unsupported, setup, teardown),
        cmocka_unit_test_setup_teardown(an_ask_and_wait_leaves_other_answers_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_above_the_bus_bound_go_both_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(another_process_asks_through_the_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(where_no_house_is_nobody_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_port_that_dies_is_forgotten, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
