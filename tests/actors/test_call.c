/* call: what a handler may say, and what becomes of it. */
#include "probe.h"
#include "rig.h"

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig = (struct rig){0};
    probe_reset();
    rig_start(&rig, (struct roster_entry[]){{&probe_actor, 1, "web"}, {&helper_actor, 1, "web"}, {0}});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

static void act(enum probe_way way, int err)
{
    rig_expect(&rig, &MESSAGE_probe_act, &(struct probe_act){(uint8_t)way}, err);
}

static void a_reply_carries_place_and_note(void **state)
{
    const struct reply_see_other *r;

    (void)state;
    act(PROBE_ANSWERS, 0);
    r = rig.answer.body;
    assert_span(r->location, "/there/7/");
    assert_true(r->has_note);
    assert_span(r->note, "It is done.");
}

static void silence_is_reported_as_a_bug(void **state)
{
    (void)state;
    act(PROBE_STAYS_SILENT, ERR_BUG);
    act(PROBE_ANSWERS, 0);
}

static void a_second_reply_is_a_bug_and_the_first_is_not_sent(void **state)
{
    (void)state;
    act(PROBE_REPLIES_TWICE, ERR_BUG);
    act(PROBE_ANSWERS, 0);
    assert_span(((const struct reply_see_other *)rig.answer.body)->location, "/there/7/");
}

static void a_reply_that_the_schema_does_not_name_is_a_bug(void **state)
{
    (void)state;
    act(PROBE_REPLIES_WRONG, ERR_BUG);
}

static void an_error_after_the_reply_wins(void **state)
{
    (void)state;
    act(PROBE_FAILS_AFTER_REPLY, ERR_FULL);
}

static void a_reply_beyond_its_bound_is_an_error(void **state)
{
    (void)state;
    act(PROBE_BREAKS_A_BOUND, ERR_TOOBIG);
}

static void a_refusal_carries_words_and_field(void **state)
{
    (void)state;
    act(PROBE_REFUSES, ERR_CONFLICT);
    assert_span(rig.answer.text, "This study is not built yet.");
    assert_span(rig.answer.field, "study");
    assert_null(rig.answer.errors.p);
    act(PROBE_FAILS, ERR_AWAY);
    assert_null(rig.answer.text.p);
    assert_null(rig.answer.field.p);
}

static void form_errors_are_grouped_by_field(void **state)
{
    (void)state;
    act(PROBE_FINDS_FAULTS, ERR_INVALID);
    assert_span(rig.answer.errors, "{\"birthday\":[\"Please give a birthday.\",\"It lies in the future.\"],"
                                   "\"name\":[\"Please give a name.\"]}");
    assert_span(rig.answer.text, "Please give a birthday.");
}

static void asking_another_service_gives_its_answer(void **state)
{
    (void)state;
    rig_expect(&rig, &MESSAGE_probe_relay, &(struct probe_relay){.doc = SPAN("[7]")}, 0);
    assert_span(((const struct reply_doc *)rig.answer.body)->doc, "[7]");
}

static void anothers_refusal_is_passed_on_with_its_words(void **state)
{
    struct probe_relay relay = {.doc = SPAN("[]"), .way = PROBE_REFUSES, .has_way = true};

    (void)state;
    rig_expect(&rig, &MESSAGE_probe_relay, &relay, ERR_CONFLICT);
    assert_span(rig.answer.text, "This study is not built yet.");
    assert_span(rig.answer.field, "study");
}

static void asking_ends_with_late_when_no_answer_comes(void **state)
{
    struct probe_relay relay = {.doc = SPAN("[]"), .wait_ms = 30, .has_wait_ms = true};

    (void)state;
    assert_int_equal(port_ask(rig.port, &MESSAGE_probe_hold, &(struct probe_hold){0}, 0, 0, 1), 0);
    probe_wait_held(1);
    rig_expect(&rig, &MESSAGE_probe_relay, &relay, ERR_LATE);
    probe_release(1);
    assert_int_equal(rig_next(&rig).tag, 1);
    rig_expect(&rig, &MESSAGE_probe_relay, &(struct probe_relay){.doc = SPAN("[8]")}, 0);
    assert_span(((const struct reply_doc *)rig.answer.body)->doc, "[8]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reply_carries_place_and_note, setup, teardown),
        cmocka_unit_test_setup_teardown(silence_is_reported_as_a_bug, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_reply_is_a_bug_and_the_first_is_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reply_that_the_schema_does_not_name_is_a_bug, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_after_the_reply_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reply_beyond_its_bound_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_carries_words_and_field, setup, teardown),
        cmocka_unit_test_setup_teardown(form_errors_are_grouped_by_field, setup, teardown),
        cmocka_unit_test_setup_teardown(asking_another_service_gives_its_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(anothers_refusal_is_passed_on_with_its_words, setup, teardown),
        cmocka_unit_test_setup_teardown(asking_ends_with_late_when_no_answer_comes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
