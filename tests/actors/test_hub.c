/* hub: queues with an end, deadlines, who may say what, events.
 *
 * Covers: bus/mail.c bus/node.c */
#include <stdio.h>
#include <zmq.h>

#include "house.h"
#include "probe.h"
#include "rig.h"

static const struct probe_hold hold = {0};

static int pose(struct rig *r, const struct message *m, const void *body, uint32_t wait_ms, uint64_t tag)
{
    return port_ask(r->port, m, body, wait_ms, 0, tag);
}

static void a_request_gets_its_reply(void **state)
{
    struct rig r = {0};

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("{\"a\":1}")}, 0);
    assert_ptr_equal(r.answer.message, &MESSAGE_reply_doc);
    assert_span(((const struct reply_doc *)r.answer.body)->doc, "{\"a\":1}");
    rig_stop(&r);
}

static void an_absent_service_is_busy(void **state)
{
    struct rig r = {0};

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    rig_expect(&r, &MESSAGE_probe_lonely, &(struct probe_lonely){0}, ERR_BUSY);
    assert_int_equal(rig_shown(&r, "services.absent.outcomes.ERR_BUSY"), 1);
    rig_stop(&r);
}

static void a_full_queue_says_busy(void **state)
{
    struct rig r = {.options = {.queue_max = 3}};
    int busy = 0, done = 0;

    (void)state;
    probe_reset();
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    assert_int_equal(pose(&r, &MESSAGE_probe_hold, &hold, 0, 1), 0);
    probe_wait_held(1);
    for (uint64_t tag = 2; tag <= 6; tag++) /* three wait, two are too many */
        assert_int_equal(pose(&r, &MESSAGE_probe_hold, &hold, 0, tag), 0);
    for (int i = 0; i < 2; i++) {
        struct answer a = rig_next(&r);
        assert_int_equal(a.err, ERR_BUSY);
        assert_true(a.tag == 5 || a.tag == 6);
        busy++;
    }
    assert_int_equal(rig_shown(&r, "services.probe.queue"), 3);
    assert_int_equal(rig_shown(&r, "services.probe.in_hand"), 1);
    probe_release(4);
    while (done < 4) {
        struct answer a = rig_next(&r);
        assert_int_equal(a.err, 0);
        assert_int_equal(a.tag, ++done); /* first come, first served */
    }
    assert_int_equal(busy, 2);
    assert_int_equal(rig_shown(&r, "services.probe.outcomes.ERR_BUSY"), 2);
    assert_int_equal(rig_shown(&r, "services.probe.outcomes.ok"), 4);
    rig_stop(&r);
}

/* What comes in one turn of the hub does not fill the queue before a free replica could take some of it. */
static void what_comes_together_finds_the_room_there_is(void **state)
{
    struct rig r = {.options = {.queue_max = 3}};

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    for (int round = 0; round < 200; round++) {
        for (uint64_t tag = 1; tag <= 4; tag++) /* one in hand, three that wait */
            assert_int_equal(pose(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0, tag),
                             0);
        for (int i = 0; i < 4; i++)
            assert_int_equal(rig_next(&r).err, 0);
    }
    rig_stop(&r);
}

static void the_replica_that_waited_longest_is_next(void **state)
{
    struct rig r = {0};

    (void)state;
    probe_reset();
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 4, "web"}, {0}});
    for (int i = 0; i < 40; i++)
        rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(probe_served(i), 10);
    rig_stop(&r);
}

static void a_late_reply_is_dropped_and_counted(void **state)
{
    struct rig r = {0};
    struct answer a;

    (void)state;
    probe_reset();
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    assert_int_equal(pose(&r, &MESSAGE_probe_hold, &hold, 30, 9), 0);
    a = rig_next(&r);
    assert_int_equal(a.tag, 9);
    assert_int_equal(a.err, ERR_LATE);
    rig_wait_shown(&r, "services.probe.outcomes.ERR_LATE", 1);
    probe_release(1);
    rig_wait_shown(&r, "services.probe.late_replies", 1);
    assert_false(port_next(r.port, r.arena, &a, 0));
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("2")},
               0); /* the replica is free again */
    rig_stop(&r);
}

static void what_waits_too_long_never_starts(void **state)
{
    struct rig r = {0};
    struct answer a;

    (void)state;
    probe_reset();
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    assert_int_equal(pose(&r, &MESSAGE_probe_hold, &hold, 0, 1), 0);
    probe_wait_held(1);
    assert_int_equal(pose(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 30, 2), 0);
    a = rig_next(&r);
    assert_int_equal(a.tag, 2);
    assert_int_equal(a.err, ERR_LATE);
    probe_release(1);
    assert_int_equal(rig_next(&r).tag, 1);
    assert_int_equal(probe_served(0), 0);
    rig_stop(&r);
}

static void a_foreign_sender_is_refused(void **state)
{
    struct rig r = {0};

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    rig_expect(&r, &MESSAGE_probe_forbidden, &(struct probe_forbidden){0}, ERR_DENIED);
    rig_expect(&r, &MESSAGE_ctl_pause, &(struct ctl_pause){SPAN("probe")}, ERR_DENIED);
    assert_int_equal(rig_shown(&r, "denied"), 2);
    rig_stop(&r);
}

static void a_ticket_that_was_made_up_opens_nothing(void **state)
{
    struct rig r = {0};
    struct node_options options = {.ticket = SPAN("gateway.1.00112233445566778899aabbccddeeff"),
                                   .spool_dir = NULL};
    struct envelope e = {.kind = MESSAGE_REQUEST, .id = 1, .deadline_ms = INT64_MAX};
    struct node *node;
    struct mail mail;

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    options.endpoint = r.bus->endpoint;
    assert_int_equal(node_open(&node, &options), 0);
    assert_int_equal(
        node_send(node, r.arena, &e, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, true), 0);
    rig_wait_shown(&r, "strangers", 1);
    assert_false(node_take(node, r.arena, &mail));
    assert_int_equal(rig_shown(&r, "services.probe.outcomes.ok"), 0);
    node_close(&node);
    rig_stop(&r);
}

/* Whatever an operator's broken program sends: it is counted, and the house goes on. */
static void noise_from_outside_harms_nobody(void **state)
{
    static const char *const junk[] = {"", "x", "\xdd\x08", "\x81\x01\x01",
                                       "\x85\x01\x01\x02\x07\x03\x01\x04\x01\x05\x01"};
    struct rig r = {0};
    void *context = zmq_ctx_new(), *raw = zmq_socket(context, ZMQ_DEALER);
    char endpoint[160];
    int none = 0;

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/ops.ipc", r.options.run_dir);
    (void)zmq_setsockopt(raw, ZMQ_LINGER, &none, sizeof none);
    assert_int_equal(zmq_connect(raw, endpoint), 0);
    for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++)
        for (int frames = 1; frames <= 4; frames++)
            for (int k = 0; k < frames; k++)
                assert_true(zmq_send(raw, junk[i], strlen(junk[i]), k + 1 < frames ? ZMQ_SNDMORE : 0) >= 0);
    rig_wait_shown(&r, "noise", 20);
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0);
    (void)zmq_close(raw);
    (void)zmq_ctx_term(context);
    rig_stop(&r);
}

static void a_replica_cannot_be_played_from_outside(void **state)
{
    struct rig r = {0};
    struct node_options options = {0};
    struct envelope ready = {.kind = MESSAGE_EVENT}, reply = {.kind = MESSAGE_REPLY, .id = 0x10001};
    struct node *node;
    char endpoint[160];

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/ops.ipc", r.options.run_dir);
    options.endpoint = endpoint;
    assert_int_equal(node_open(&node, &options), 0);
    assert_int_equal(
        node_send(node, r.arena, &ready, &MESSAGE_ctl_ready, &(struct ctl_ready){.credit = 64}, true), 0);
    assert_int_equal(node_send(node, r.arena, &ready, &MESSAGE_ctl_probe, &(struct ctl_probe){0}, true), 0);
    assert_int_equal(node_send(node, r.arena, &reply, &MESSAGE_reply_done, &(struct reply_done){0}, true), 0);
    rig_wait_shown(&r, "foreign_replies", 1);
    assert_int_equal(rig_shown(&r, "denied"), 1); /* the probe */
    assert_int_equal(rig_shown(&r, "services.ops.replicas"), -1);
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0);
    node_close(&node);
    rig_stop(&r);
}

/* ---- several at a time: the test plays the replica, so that it can look into its hand
 * ------------------------------------------------------------------------------------------------------- */

static struct node *replica_play(struct rig *r, uint8_t credit)
{
    static const uint16_t shared[] = {0xfe01}; /* probe.echo */
    const struct ctl_ready ready = {.credit = credit, .shared = {shared, 1}, .has_shared = true};
    struct envelope e = {.kind = MESSAGE_EVENT};
    struct node *node;

    assert_int_equal(MESSAGE_probe_echo.id, shared[0]);
    rig_start(r, (struct roster_entry[]){{&helper_actor, 1, "web"}, {0}});
    assert_int_equal(bus_node_open(r->bus, "probe", &node), 0);
    assert_int_equal(node_send(node, r->arena, &e, &MESSAGE_ctl_ready, &ready, true), 0);
    rig_wait_shown(r, "services.probe.replicas", 1);
    return node;
}

/* What it still held is late then. */
static void replica_end(struct rig *r, struct node *node)
{
    struct envelope e = {.kind = MESSAGE_EVENT};

    assert_int_equal(node_send(node, r->arena, &e, &MESSAGE_ctl_bye, &(struct ctl_bye){0}, true), 0);
    node_close(&node);
    rig_stop(r);
}

static void order(struct rig *r, const struct message *m, const void *body)
{
    struct answer answer;
    struct port *ops;

    assert_int_equal(port_open(&ops, NULL, r->options.run_dir, "ops"), 0);
    assert_int_equal(port_call(ops, r->arena, m, body, 0, &answer), 0);
    port_close(&ops);
}

/* The hub looks at all of them at once. */
static void pose_together(struct rig *r, const struct message *const *m, int n)
{
    static const struct probe_echo echo = {.doc = SPAN("1")};

    order(r, &MESSAGE_ctl_pause, &(struct ctl_pause){SPAN("probe")});
    for (int i = 0; i < n; i++)
        assert_int_equal(pose(r, m[i], m[i] == &MESSAGE_probe_echo ? (const void *)&echo : &hold, 0, 1), 0);
    rig_wait_shown(r, "services.probe.queue", n);
    order(r, &MESSAGE_ctl_resume, &(struct ctl_resume){SPAN("probe")});
}

static uint64_t take(struct rig *r, struct node *node, const struct message *m)
{
    int64_t until = clock_mono_ms() + 5000;
    struct mail mail;

    while (!node_take(node, r->arena, &mail)) {
        assert_true(clock_mono_ms() < until);
        node_wait(node, 100);
    }
    assert_int_equal(mail.envelope.message, m->id);
    return mail.envelope.id;
}

static void give(struct rig *r, struct node *node, uint64_t id, const struct message *m, const void *body)
{
    struct envelope e = {.kind = MESSAGE_REPLY, .id = id};

    assert_int_equal(node_send(node, r->arena, &e, m, body, true), 0);
}

static void assert_in_hand(struct rig *r, int in_hand, int queue)
{
    assert_int_equal(rig_shown(r, "services.probe.in_hand"), in_hand);
    assert_int_equal(rig_shown(r, "services.probe.queue"), queue);
}

static void what_may_be_shared_comes_together_up_to_the_credit(void **state)
{
    static const struct message *const echoes[] = {&MESSAGE_probe_echo, &MESSAGE_probe_echo,
                                                   &MESSAGE_probe_echo, &MESSAGE_probe_echo,
                                                   &MESSAGE_probe_echo};
    struct rig r = {0};
    struct node *node = replica_play(&r, 3);
    uint64_t id[5];

    (void)state;
    pose_together(&r, echoes, 5);
    for (int i = 0; i < 3; i++)
        id[i] = take(&r, node, &MESSAGE_probe_echo);
    assert_in_hand(&r, 3, 2);
    for (int i = 3; i < 5; i++) {
        give(&r, node, id[i - 3], &MESSAGE_reply_doc, &(struct reply_doc){SPAN("1")});
        id[i] = take(&r, node, &MESSAGE_probe_echo);
        assert_in_hand(&r, 3, 4 - i);
    }
    replica_end(&r, node);
}

static void what_may_not_be_shared_comes_alone_and_nobody_overtakes_it(void **state)
{
    static const struct message *const mixed[] = {&MESSAGE_probe_echo, &MESSAGE_probe_hold,
                                                  &MESSAGE_probe_echo};
    struct rig r = {0};
    struct node *node = replica_play(&r, 3);
    uint64_t id;

    (void)state;
    pose_together(&r, mixed, 3);
    id = take(&r, node, &MESSAGE_probe_echo);
    assert_in_hand(&r, 1, 2);
    give(&r, node, id, &MESSAGE_reply_doc, &(struct reply_doc){SPAN("1")});
    id = take(&r, node, &MESSAGE_probe_hold);
    assert_in_hand(&r, 1, 1);
    give(&r, node, id, &MESSAGE_reply_done, &(struct reply_done){0});
    (void)take(&r, node, &MESSAGE_probe_echo);
    assert_in_hand(&r, 1, 0);
    replica_end(&r, node);
}

static void nothing_is_put_behind_something_long(void **state)
{
    static const struct message *const echo[] = {&MESSAGE_probe_echo};
    struct rig r = {0};
    struct node *node = replica_play(&r, 3);
    int64_t until;
    uint64_t id;

    (void)state;
    pose_together(&r, echo, 1);
    id = take(&r, node, &MESSAGE_probe_echo);
    for (until = clock_mono_ms() + 20; clock_mono_ms() < until;)
        node_wait(node, 1);
    pose_together(&r, echo, 1);
    assert_in_hand(&r, 1, 1);
    give(&r, node, id, &MESSAGE_reply_doc, &(struct reply_doc){SPAN("1")});
    (void)take(&r, node, &MESSAGE_probe_echo);
    replica_end(&r, node);
}

static void all_that_a_lost_replica_held_is_late(void **state)
{
    static const struct message *const echoes[] = {&MESSAGE_probe_echo, &MESSAGE_probe_echo};
    struct envelope e = {.kind = MESSAGE_EVENT};
    struct rig r = {0};
    struct node *node = replica_play(&r, 3);

    (void)state;
    pose_together(&r, echoes, 2);
    (void)take(&r, node, &MESSAGE_probe_echo);
    (void)take(&r, node, &MESSAGE_probe_echo);
    assert_int_equal(node_send(node, r.arena, &e, &MESSAGE_ctl_bye, &(struct ctl_bye){0}, true), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(rig_next(&r).err, ERR_LATE);
    assert_int_equal(rig_shown(&r, "services.probe.replicas"), 0);
    assert_in_hand(&r, 0, 0);
    node_close(&node);
    rig_stop(&r);
}

static void an_event_reaches_every_port_and_one_replica_of_each_service(void **state)
{
    struct rig r = {0};
    struct port *second;
    struct answer a;
    struct arena *arena = arena_new();

    (void)state;
    probe_reset();
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {&helper_actor, 3, "web"}, {0}});
    assert_int_equal(port_open(&second, r.bus, NULL, "gateway"), 0);
    assert_int_equal(port_listen(r.port, &MESSAGE_probe_happened), 0);
    assert_int_equal(port_listen(second, &MESSAGE_probe_happened), 0);
    rig_wait_shown(&r, "services.helper.replicas", 3); /* the hub has heard all of the above */
    rig_expect(&r, &MESSAGE_probe_act, &(struct probe_act){PROBE_SAYS_EVENT}, 0);
    a = rig_next(&r);
    assert_int_equal(a.tag, 0);
    assert_ptr_equal(a.message, &MESSAGE_probe_happened);
    assert_int_equal(((const struct probe_happened *)a.body)->number, 7);
    assert_true(port_next(second, arena, &a, 5000));
    assert_ptr_equal(a.message, &MESSAGE_probe_happened);
    assert_int_equal(probe_wait_heard(1), 1);
    rig_wait_shown(&r, "services.helper.outcomes.ok", 1);
    assert_int_equal(probe_heard(), 1);
    port_close(&second);
    arena_free(&arena);
    rig_stop(&r);
}

static void a_paused_service_waits_until_it_is_resumed(void **state)
{
    struct rig r = {0};
    struct port *ops;
    struct answer a;

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    assert_int_equal(port_open(&ops, NULL, r.options.run_dir, "ops"), 0);
    assert_int_equal(port_call(ops, r.arena, &MESSAGE_ctl_pause, &(struct ctl_pause){SPAN("probe")}, 0, &a),
                     0);
    assert_int_equal(pose(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0, 4), 0);
    rig_wait_shown(&r, "services.probe.queue", 1);
    assert_false(port_next(r.port, r.arena, &a, 0));
    assert_int_equal(port_call(ops, r.arena, &MESSAGE_ctl_resume, &(struct ctl_resume){SPAN("probe")}, 0, &a),
                     0);
    a = rig_next(&r);
    assert_int_equal(a.tag, 4);
    assert_int_equal(a.err, 0);
    assert_int_equal(
        port_call(ops, r.arena, &MESSAGE_ctl_resume, &(struct ctl_resume){SPAN("nobody")}, 0, &a),
        ERR_NOTFOUND);
    port_close(&ops);
    rig_stop(&r);
}

static void metrics_name_every_service(void **state)
{
    struct rig r = {.name = "gateway"};
    const struct reply_text *text;
    char *copy;

    (void)state;
    rig_start(&r, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    rig_expect(&r, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("1")}, 0);
    rig_expect(&r, &MESSAGE_ctl_metrics, &(struct ctl_metrics){0}, 0);
    text = r.answer.body;
    copy = arena_get(r.arena, text->text.n + 1);
    memcpy(copy, text->text.p, text->text.n);
    assert_non_null(strstr(copy, "lookit_bus_requests_total{service=\"probe\",outcome=\"ok\"} 1\n"));
    assert_non_null(strstr(copy, "lookit_bus_request_seconds_count{service=\"probe\"} 1\n"));
    assert_non_null(strstr(copy, "lookit_bus_replicas{service=\"probe\"} 1\n"));
    assert_non_null(strstr(copy, "lookit_bus_handler_seconds_count{message=\"probe.echo\"} 1\n"));
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_gets_its_reply),
        cmocka_unit_test(an_absent_service_is_busy),
        cmocka_unit_test(a_full_queue_says_busy),
        cmocka_unit_test(what_comes_together_finds_the_room_there_is),
        cmocka_unit_test(the_replica_that_waited_longest_is_next),
        cmocka_unit_test(a_late_reply_is_dropped_and_counted),
        cmocka_unit_test(what_waits_too_long_never_starts),
        cmocka_unit_test(a_foreign_sender_is_refused),
        cmocka_unit_test(a_ticket_that_was_made_up_opens_nothing),
        cmocka_unit_test(noise_from_outside_harms_nobody),
        cmocka_unit_test(a_replica_cannot_be_played_from_outside),
        cmocka_unit_test(what_may_be_shared_comes_together_up_to_the_credit),
        cmocka_unit_test(what_may_not_be_shared_comes_alone_and_nobody_overtakes_it),
        cmocka_unit_test(nothing_is_put_behind_something_long),
        cmocka_unit_test(all_that_a_lost_replica_held_is_late),
        cmocka_unit_test(an_event_reaches_every_port_and_one_replica_of_each_service),
        cmocka_unit_test(a_paused_service_waits_until_it_is_resumed),
        cmocka_unit_test(metrics_name_every_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
