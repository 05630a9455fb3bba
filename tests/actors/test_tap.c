/* tap: what passes the hub can be watched, with private fields masked. */
#include "probe.h"
#include "rig.h"

static struct rig rig;
static struct tap *tap;

static int setup(void **state)
{
    (void)state;
    rig = (struct rig){0};
    probe_reset();
    rig_start(&rig, (struct roster_entry[]){{&probe_actor, 1, "web"}, {0}});
    assert_int_equal(tap_open(&tap, rig.options.run_dir), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tap_close(&tap);
    rig_stop(&rig);
    return 0;
}

/* Next copy of a message that is not about the tap itself. */
static const struct ctl_copy *next_copy(void)
{
    const struct ctl_copy *copy;

    for (;;) {
        if (!tap_next(tap, rig.arena, &copy, 5000))
            fail_msg("nothing comes through the tap");
        if (!span_is(copy->message, "ctl.tap") && !(span_is(copy->from, "hub") && span_is(copy->to, "ops")))
            return copy;
    }
}

static void request_and_reply_are_seen_masked(void **state)
{
    struct probe_echo echo = {.doc = SPAN("{\"a\":1}"),
                              .secret = SPAN("Anna"),
                              .has_secret = true,
                              .op_id = {{7}},
                              .has_op_id = true};
    const struct ctl_copy *copy;
    uint64_t id;

    (void)state;
    rig_expect(&rig, &MESSAGE_probe_echo, &echo, 0);
    copy = next_copy();
    assert_span(copy->kind, "request");
    assert_span(copy->message, "probe.echo");
    assert_span(copy->from, "tester");
    assert_span(copy->to, "probe");
    assert_true(copy->has_body);
    assert_span(copy->body,
                "{\"doc\":{\"a\":1},\"secret\":\"…\",\"op_id\":\"07000000-0000-0000-0000-000000000000\"}");
    assert_true(copy->has_op);
    assert_memory_equal(&copy->op, &echo.op_id, 16);
    id = copy->id;
    assert_true(id != 0);
    copy = next_copy();
    assert_span(copy->kind, "reply");
    assert_span(copy->message, "reply.doc");
    assert_span(copy->from, "probe");
    assert_span(copy->to, "tester");
    assert_span(copy->body, "{\"doc\":\"…\"}");
    assert_true(copy->id == id);
    assert_true(copy->has_took_us);
}

static void events_and_refusals_are_seen(void **state)
{
    const struct ctl_copy *copy;

    (void)state;
    rig_expect(&rig, &MESSAGE_probe_act, &(struct probe_act){PROBE_SAYS_EVENT}, 0);
    assert_span(next_copy()->message, "probe.act");
    copy = next_copy();
    assert_span(copy->message, "probe.happened");
    assert_span(copy->kind, "event");
    assert_span(copy->body, "{\"number\":7}");
    assert_span(next_copy()->message, "reply.see_other");
    rig_expect(&rig, &MESSAGE_probe_lonely, &(struct probe_lonely){0}, ERR_BUSY);
    copy = next_copy();
    assert_span(copy->message, "reply.refused");
    assert_span(copy->from, "hub");
    assert_span(copy->to, "tester");
    assert_span(copy->body, "{\"err\":5}");
}

static void a_long_body_shows_its_size_only(void **state)
{
    size_t n = 200000;
    char *doc = arena_get(rig.arena, n);
    const struct ctl_copy *copy;

    (void)state;
    memset(doc, '1', n);
    rig_expect(&rig, &MESSAGE_probe_echo, &(struct probe_echo){.doc = {doc, n}}, 0);
    copy = next_copy();
    assert_false(copy->has_body);
    assert_true(copy->bytes > n);
}

static void where_no_house_is_there_is_no_tap(void **state)
{
    struct tap *other;

    (void)state;
    assert_int_equal(tap_open(&other, "/no/such/folder"), ERR_AWAY);
    assert_null(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(request_and_reply_are_seen_masked, setup, teardown),
        cmocka_unit_test_setup_teardown(events_and_refusals_are_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_body_shows_its_size_only, setup, teardown),
        cmocka_unit_test_setup_teardown(where_no_house_is_there_is_no_tap, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
