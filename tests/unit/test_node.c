/* node: one end of a connection; the test plays the hub. */
#include "test.h"

#include <czmq.h>
#include <stdio.h>

#include "clock.h"
#include "errors.h"
#include "messages.h"
#include "node.h"

static struct arena *arena;
static void *router;
static struct node *node;

static int setup(void **state)
{
    static int tests;
    char endpoint[32];
    struct node_options options = {.endpoint = endpoint, .ticket = SPAN("me")};

    (void)state;
    node_init();
    arena = arena_new();
    router = zmq_socket(zsys_init(), ZMQ_ROUTER);
    (void)snprintf(endpoint, sizeof endpoint, "inproc://test-%d",
                   tests++); /* an old name may not be free yet */
    return zmq_bind(router, endpoint) || node_open(&node, &options);
}

static int teardown(void **state)
{
    (void)state;
    node_close(&node);
    (void)zmq_close(router);
    arena_free(&arena);
    return 0;
}

static void frames(const char *first, size_t first_n, const char *second, int second_n)
{
    assert_true(zmq_send(router, "me", 2, ZMQ_SNDMORE) == 2);
    assert_true(zmq_send(router, first, first_n, second_n < 0 ? 0 : ZMQ_SNDMORE) >= 0);
    if (second_n >= 0)
        assert_true(zmq_send(router, second, (size_t)second_n, 0) >= 0);
}

static void answer(uint64_t id, uint16_t seconds)
{
    struct envelope e = {
        .version = WIRE_VERSION, .kind = MESSAGE_REPLY, .message = MESSAGE_ctl_tap.id, .id = id};
    char head[WIRE_ENVELOPE_MAX], body[64];
    size_t head_n, body_n;

    assert_int_equal(wire_write(&WIRE_ENVELOPE, &e, head, sizeof head, &head_n), 0);
    assert_int_equal(wire_write(&MESSAGE_ctl_tap, &(struct ctl_tap){seconds}, body, sizeof body, &body_n), 0);
    frames(head, head_n, body, (int)body_n);
}

/* The router knows its peer after the first word. */
static void say_hello(void)
{
    struct envelope e = {.kind = MESSAGE_EVENT};
    char frame[3][600];

    assert_int_equal(node_send(node, arena, &e, &MESSAGE_ctl_bye, &(struct ctl_bye){0}, true), 0);
    for (int i = 0; i < 3; i++)
        assert_true(zmq_recv(router, frame[i], sizeof frame[i], 0) >= 0);
    assert_memory_equal(frame[0], "me", 2);
}

static void what_is_no_mail_is_skipped(void **state)
{
    struct mail mail;

    (void)state;
    say_hello();
    frames("one frame", 9, NULL, -1);
    frames("no envelope", 11, "x", 1);
    frames("", 0, "", 0);
    assert_true(zmq_send(router, "me", 2, ZMQ_SNDMORE) == 2); /* three frames */
    for (int i = 0; i < 3; i++)
        assert_true(zmq_send(router, "x", 1, i < 2 ? ZMQ_SNDMORE : 0) == 1);
    answer(7, 3);
    node_wait(node, 1000);
    assert_true(node_take(node, arena, &mail));
    assert_int_equal(mail.envelope.id, 7);
    assert_false(node_take(node, arena, &mail));
}

static void mail_of_another_version_is_skipped(void **state)
{
    struct envelope e = {.version = WIRE_VERSION + 1, .kind = MESSAGE_REPLY, .message = 1, .id = 1};
    char head[WIRE_ENVELOPE_MAX];
    size_t n;
    struct mail mail;

    (void)state;
    say_hello();
    assert_int_equal(wire_write(&WIRE_ENVELOPE, &e, head, sizeof head, &n), 0);
    frames(head, n, "\x80", 1);
    node_wait(node, 1000);
    assert_false(node_take(node, arena, &mail));
}

static void waiting_for_one_reply_keeps_the_others_in_order(void **state)
{
    struct mail mail;

    (void)state;
    say_hello();
    for (uint64_t id = 1; id <= 5; id++)
        answer(id, (uint16_t)id);
    assert_int_equal(node_take_reply(node, arena, 4, clock_mono_ms() + 5000, &mail), 0);
    assert_int_equal(mail.envelope.id, 4);
    answer(6, 6);
    for (uint64_t id = 1; id <= 3; id++) {
        assert_true(node_take(node, arena, &mail));
        assert_int_equal(mail.envelope.id, id);
    }
    node_wait(node, 1000);
    assert_true(node_take(node, arena, &mail));
    assert_int_equal(mail.envelope.id, 5);
    assert_int_equal(node_take_reply(node, arena, 99, clock_mono_ms() + 20, &mail), ERR_LATE);
    assert_true(node_take(node, arena, &mail));
    assert_int_equal(mail.envelope.id, 6);
}

static void a_body_is_read_by_its_table(void **state)
{
    struct mail mail;
    const void *body;

    (void)state;
    say_hello();
    answer(1, 9);
    node_wait(node, 1000);
    assert_true(node_take(node, arena, &mail));
    assert_int_equal(node_unpack(node, arena, &mail, &MESSAGE_ctl_tap, &body), 0);
    assert_int_equal(((const struct ctl_tap *)body)->seconds, 9);
    assert_int_equal(node_unpack(node, arena, &mail, &MESSAGE_reply_doc, &body), ERR_MALFORMED);
    assert_null(body);
}

static void nobody_there_is_busy_not_blocked(void **state)
{
    struct node_options options = {.endpoint = "inproc://nobody"};
    struct node *lonely;
    struct envelope e = {.kind = MESSAGE_EVENT};
    int err = 0;

    (void)state;
    assert_int_equal(node_open(&lonely, &options), 0);
    for (int i = 0; i < 5000 && !err; i++) /* the queue mark of ZeroMQ is the end */
        err = node_send(lonely, arena, &e, &MESSAGE_ctl_bye, &(struct ctl_bye){0}, false);
    assert_int_equal(err, ERR_BUSY);
    node_close(&lonely);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_mail_is_skipped, setup, teardown),
        cmocka_unit_test_setup_teardown(mail_of_another_version_is_skipped, setup, teardown),
        cmocka_unit_test_setup_teardown(waiting_for_one_reply_keeps_the_others_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_is_read_by_its_table, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_there_is_busy_not_blocked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
