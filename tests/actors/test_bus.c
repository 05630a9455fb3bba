/* bus: the house starts whole or not at all, and stops without losing what is in hand. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "probe.h"
#include "rig.h"

static void a_failing_replica_stops_the_start(void **state)
{
    struct rig r = {0};

    (void)state;
    assert_int_equal(
        rig_try(&r, (struct roster_entry[]){{&probe_actor, 2, "web"}, {&broken_actor, 1, "web"}, {0}}),
        ERR_AWAY);
    assert_null(r.bus);
    rig_stop(&r);
}

static void only_the_wanted_roles_run(void **state)
{
    struct rig r = {.options = {.roles = "web, scheduler"}};

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 2, "web"},
                                          {&helper_actor, 1, "worker"},
                                          {&ticker_actor, 1, "scheduler extra"},
                                          {0}});
    assert_int_equal(rig_shown(&r, "services.probe.replicas"), 2);
    assert_int_equal(rig_shown(&r, "services.helper.replicas"), 0);
    assert_int_equal(rig_shown(&r, "services.ticker.replicas"), 1);
    rig_stop(&r);
}

static void an_empty_house_starts_and_stops(void **state)
{
    struct rig r = {0};

    (void)state;
    rig_start(&r, (struct roster_entry[]){{0}});
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, ERR_BUSY);
    rig_stop(&r);
}

static void two_houses_do_not_share_a_folder(void **state)
{
    struct rig r = {0};
    struct bus *second = NULL;

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    assert_int_equal(bus_start(&second, &r.options), ERR_CONFLICT);
    assert_null(second);
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0);
    rig_stop(&r);
}

static void nobody_else_may_open_the_sockets(void **state)
{
    struct rig r = {0};
    struct stat st;
    char path[128];

    (void)state;
    rig_start(&r, (struct roster_entry[]){{0}});
    assert_int_equal(stat(r.options.run_dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.options.run_dir, i ? "tap.ipc" : "ops.ipc");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    rig_stop(&r);
}

static void a_folder_open_to_others_is_refused(void **state)
{
    struct rig r = {0};
    struct bus *second = NULL;

    (void)state;
    rig_start(&r, (struct roster_entry[]){{0}});
    port_close(&r.port);
    bus_stop(&r.bus);
    assert_int_equal(chmod(r.options.run_dir, 0755), 0);
    assert_int_equal(bus_start(&second, &r.options), ERR_DENIED);
    rig_stop(&r);
}

/* The hub fails in its own thread: the start fails with its error. */
static void a_folder_with_a_name_too_long_for_sockets_is_refused(void **state)
{
    struct rig r = {0};
    struct bus *second = NULL;
    char run[160];

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    (void)snprintf(run, sizeof run, "%s/%0100d", r.options.run_dir, 0);
    r.options.run_dir = run;
    assert_int_equal(bus_start(&second, &r.options), ERR_TOOBIG);
    assert_null(second);
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0);
    rig_stop(&r);
}

static void signals_stay_with_the_program(void **state)
{
    static const int ours[] = {SIGINT, SIGTERM};
    struct rig r = {0};
    struct sigaction now;

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        assert_int_equal(sigaction(ours[i], NULL, &now), 0);
        assert_true(now.sa_handler == SIG_DFL);
    }
    rig_stop(&r);
}

static void *stop_in_thread(void *bus)
{
    struct bus *b = bus;

    bus_stop(&b);
    return NULL;
}

/* The asker is in another process's place: it must not hold the house. */
static void stopping_lets_requests_finish(void **state)
{
    struct rig r = {0};
    struct port *outside;
    pthread_t thread;
    struct answer a;

    (void)state;
    probe_reset();
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    assert_int_equal(port_open(&outside, NULL, r.options.run_dir, "ops"), 0);
    assert_int_equal(port_ask(outside, &MESSAGE_probe_hold, &(struct probe_hold){0}, 0, 0, 1), 0);
    probe_wait_held(1);
    port_close(&r.port);
    assert_int_equal(pthread_create(&thread, NULL, stop_in_thread, r.bus), 0);
    r.bus = NULL;
    do { /* new requests are refused as soon as the hub has heard of it */
        assert_int_equal(
            port_ask(outside, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 20, 0, 2), 0);
        assert_true(port_next(outside, r.arena, &a, 5000));
        assert_int_equal(a.tag, 2);
    } while (a.err == ERR_LATE);
    assert_int_equal(a.err, ERR_BUSY);
    probe_release(1);
    assert_true(port_next(outside, r.arena, &a, 5000));
    assert_int_equal(a.tag, 1);
    assert_int_equal(a.err, 0);
    (void)pthread_join(thread, NULL);
    port_close(&outside);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_replica_stops_the_start),
        cmocka_unit_test(only_the_wanted_roles_run),
        cmocka_unit_test(an_empty_house_starts_and_stops),
        cmocka_unit_test(two_houses_do_not_share_a_folder),
        cmocka_unit_test(nobody_else_may_open_the_sockets),
        cmocka_unit_test(a_folder_open_to_others_is_refused),
        cmocka_unit_test(a_folder_with_a_name_too_long_for_sockets_is_refused),
        cmocka_unit_test(signals_stay_with_the_program),
        cmocka_unit_test(stopping_lets_requests_finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
