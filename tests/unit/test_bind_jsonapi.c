/* Attributes and relationships of JSON:API documents, as scripts and players send them. */
#include <stdio.h>

#include "bind.h"
#include "errors.h"
#include "messages.h"
#include "test.h"

static struct arena *arena;
static struct bind b;
static struct api_response_create *out;

#define CHILD "9c2b7d10-4e5f-4a61-b3c8-d7e6f5a40b92"

static int bind_text(const char *document)
{
    bind_init(&b, arena, &MESSAGE_api_response_create);
    out = b.body;
    return bind_jsonapi(&b, span_of(document), SPAN("responses"), (struct span){NULL, 0});
}

static void attributes(const char *members)
{
    const char *document =
        arena_print(arena, "{\"data\":{\"type\":\"responses\",\"attributes\":{%s}}}", members).p;

    if (bind_text(document))
        fail_msg("%s: %s", members, b.why);
}

static void relationships(const char *members)
{
    assert_int_equal(
        bind_text(
            arena_print(arena, "{\"data\":{\"type\":\"responses\",\"relationships\":{%s}}}", members).p),
        0);
}

static void assert_faults(const char *want)
{
    struct text t = {0};

    for (size_t i = 0; i < b.error_n; i++)
        text_print(arena, &t, "%s%s%.*s=%s", i ? " " : "", b.error[i].is_relationship ? "@" : "",
                   (int)b.error[i].field.n, b.error[i].field.p, b.error[i].code);
    text_add(arena, &t, SPAN(""));
    if (!span_is(text_span(&t), want))
        fail_msg("faults are %.*s, not %s", (int)t.n, t.p ? t.p : "", want);
}

static void truths_come_in_many_words(void **state)
{
    static const char *const yes[] = {"true",    "1",     "1.0",    "\"True\"", "\"t\"",
                                      "\"YES\"", "\"y\"", "\"on\"", "\"1\""};
    static const char *const no[] = {"false",  "0",     "0.0",     "\"False\"", "\"f\"",
                                     "\"No\"", "\"n\"", "\"OFF\"", "\"0\""};
    static const char *const neither[] = {"2", "\"maybe\"", "[]", "{}", "\"\"", "1e400"};

    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        attributes(arena_print(arena, "\"completed\":%s,\"is_preview\":%s", yes[i], no[i]).p);
        assert_faults("");
        assert_true(out->has_completed && out->completed && out->has_is_preview && !out->is_preview);
    }
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        attributes(arena_print(arena, "\"completed\":%s", neither[i]).p);
        assert_faults("completed=invalid");
    }
    attributes("\"completed\":null");
    assert_faults("completed=null");
}

static void items_of_a_list_are_told_by_their_place(void **state)
{
    const struct span *item;

    (void)state;
    attributes("\"sequence\":[null,\" a \",5,[\"x\",{}],true,\"\",\"b\"]");
    assert_faults("sequence/0=null sequence/3=invalid sequence/4=invalid sequence/5=blank");
    item = out->sequence.items;
    assert_int_equal(out->sequence.n, 7);
    assert_span(item[1], "a");
    assert_span(item[2], "5");
    assert_span(item[6], "b");
    attributes("\"sequence\":\"abc\",\"eligibility\":{}");
    assert_faults("sequence=not_a_list eligibility=not_a_list");
    attributes("\"sequence\":null");
    assert_faults("sequence=null");
    attributes("\"sequence\":[]");
    assert_faults("");
    assert_true(out->has_sequence && out->sequence.n == 0);
}

static void json_passes_as_it_was_written(void **state)
{
    (void)state;
    attributes(
        "\"expData\":{\"b\":12345678901234567890123,\"c\":1.0, \"d\":-0.0,\"id\":5},\"conditions\":[1E5]");
    assert_faults("");
    assert_span(out->exp_data, "{\"b\":12345678901234567890123,\"c\":1.0, \"d\":-0.0,\"id\":5}");
    assert_span(out->conditions, "[1E5]");
    attributes("\"exp_data\":null,\"conditions\":{\"a\":[1e400]},\"global_event_timings\":{\"a\\u0000\":1}");
    assert_faults("exp_data=null conditions=invalid global_event_timings=null_characters_not_allowed");
    attributes("\"exp_data\":{\"a\":\"\\\\u0000 is no zero\"},\"unknown\":1e400");
    assert_faults("");
}

static void texts_are_stripped_and_may_be_numbers(void **state)
{
    (void)state;
    attributes("\"recording_method\":\"  padded  \"");
    assert_span(out->recording_method, "padded");
    attributes("\"recording_method\":1.50");
    assert_span(out->recording_method, "1.5");
    attributes("\"recording_method\":\" \"");
    assert_faults("recording_method=blank");
    attributes("\"recording_method\":true");
    assert_faults("recording_method=invalid");
    attributes("\"recording_method\":\"a\\u0000b\"");
    assert_faults("recording_method=null_characters_not_allowed");
    attributes("\"recording_method\":null");
    assert_faults("");
    assert_false(out->has_recording_method);
    assert_int_equal(out->nulls.n, 1);
}

static void whole_numbers_come_as_numbers_or_texts(void **state)
{
    static const char *const good[] = {"12", "\"12\"", "12.0", "\" 12.000 \"", "\"+12\""};
    static const char *const bad[] = {"1.5", "\"x\"", "true", "[]", "\"\"", "\"12.x\"", "1e2", "\".\""};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        bind_init(&b, arena, &MESSAGE_api_video_create);
        assert_int_equal(bind_jsonapi(&b,
                                      arena_print(arena,
                                                  "{\"data\":{\"type\":\"videos\",\"attributes\":{"
                                                  "\"pipe_numeric_id\":%s}}}",
                                                  good[i]),
                                      SPAN("videos"), (struct span){NULL, 0}),
                         0);
        assert_faults("");
        assert_int_equal(((struct api_video_create *)b.body)->pipe_numeric_id, 12);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bind_init(&b, arena, &MESSAGE_api_video_create);
        assert_int_equal(bind_jsonapi(&b,
                                      arena_print(arena,
                                                  "{\"data\":{\"type\":\"videos\",\"attributes\":{"
                                                  "\"pipe_numeric_id\":%s}}}",
                                                  bad[i]),
                                      SPAN("videos"), (struct span){NULL, 0}),
                         0);
        assert_faults("pipe_numeric_id=invalid");
    }
    bind_init(&b, arena, &MESSAGE_api_video_create);
    assert_int_equal(
        bind_jsonapi(&b,
                     SPAN("{\"data\":{\"type\":\"videos\",\"attributes\":{\"pipe_numeric_id\":2147483648}}}"),
                     SPAN("videos"), (struct span){NULL, 0}),
        0);
    assert_faults("pipe_numeric_id=max_value");
}

static void of_two_keys_that_fall_together_the_later_counts(void **state)
{
    (void)state;
    attributes("\"completed\":\"maybe\",\"Completed\":true");
    assert_faults("");
    assert_true(out->completed);
    attributes("\"sequence\":[null],\"Sequence\":[\"a\"]");
    assert_faults("");
}

static void nesting_ends_at_sixty_four_levels(void **state)
{
    char deep[200];

    (void)state;
    memset(deep, '[', 61);
    memset(deep + 61, ']', 61);
    deep[122] = 0;
    attributes(arena_print(arena, "\"exp_data\":%s", deep).p);
    assert_faults("");
    assert_int_equal(
        bind_text(
            arena_print(arena, "{\"data\":{\"type\":\"responses\",\"attributes\":{\"x\":[%s]}}}", deep).p),
        ERR_MALFORMED);
    assert_string_equal(b.code, "parse_error");
    assert_non_null(strstr(b.why, "line 1, column"));
    assert_int_equal(bind_text("{\"data\":{\"type\":\"responses\",\"attributes\":{\"a\":\"\\ud83d\"}}}"),
                     ERR_MALFORMED);
    assert_string_equal(b.code, "parse_error");
}

static void a_relationship_among_the_attributes_is_taken_for_what_it_is(void **state)
{
    (void)state;
    attributes("\"child\":{\"type\":\"children\",\"id\":\"" CHILD "\"}");
    assert_faults("");
    assert_true(out->has_child && out->child.b[0] == 0x9c);
    attributes("\"child\":\"" CHILD "\",\"study\":null,\"child_type\":\"x\"");
    assert_faults("@child=incorrect_type @study=null");
    assert_false(out->has_child_type);
    relationships("\"child\":{\"data\":{\"type\":\"children\",\"id\":\"" CHILD
                  "\"}},\"user\":{\"data\":7},\"nobody\":7");
    assert_faults("");
    relationships("\"child\":{\"data\":{\"type\":5,\"id\":201}},\"study\":{\"data\":{\"id\":\"" CHILD "\"}}");
    assert_faults("@study=missing_type");
    assert_span(out->child_type, "5");
    assert_true(out->has_child && out->child.b[0] == 0 && out->has_study && out->study.b[0] == 0x9c);
}

static void what_is_the_gateways_is_not_an_attribute(void **state)
{
    (void)state;
    attributes("\"faults\":[[\"x\",\"y\",\"z\"]],\"nulls\":[\"completed\"],\"viewer\":9,\"origin\":\"x\"");
    assert_faults("");
    assert_false(out->has_faults || out->has_nulls);
    assert_int_equal(out->viewer, 0);
}

static void the_desk_hears_what_is_wrong(void **state)
{
    (void)state;
    attributes("\"completed\":null,\"sequence\":[null]");
    bind_own_number(&b, "viewer", 7);
    bind_own_text(&b, "v", SPAN("v1"));
    bind_own_text(&b, "origin", SPAN("http://x"));
    assert_int_equal(bind_finish(&b, false), 0);
    assert_span(out->faults, "[[\"attributes/completed\",\"null\",\"This field may not be null.\"],"
                             "[\"attributes/sequence/0\",\"null\",\"This field may not be null.\"]]");
}

static int start(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(truths_come_in_many_words),
        CASE(items_of_a_list_are_told_by_their_place),
        CASE(json_passes_as_it_was_written),
        CASE(texts_are_stripped_and_may_be_numbers),
        CASE(whole_numbers_come_as_numbers_or_texts),
        CASE(of_two_keys_that_fall_together_the_later_counts),
        CASE(nesting_ends_at_sixty_four_levels),
        CASE(a_relationship_among_the_attributes_is_taken_for_what_it_is),
        CASE(what_is_the_gateways_is_not_an_attribute),
        CASE(the_desk_hears_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
