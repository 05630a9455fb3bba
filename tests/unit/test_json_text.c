#include "test.h"

#include "errors.h"
#include "json_reader.h"

static void unescaped(const char *text, struct span want)
{
    char out[64];
    size_t n = 0;

    assert_int_equal(json_string_unescape(span_of(text), out, sizeof out, &n), 0);
    assert_int_equal(n, want.n);
    assert_memory_equal(out, want.p, n);
    assert_true(n <= strlen(text));
    assert_true(json_string_is(span_of(text), want.p, want.n));
    assert_false(json_string_is(span_of(text), want.p, want.n ? want.n - 1 : 1));
}

static void every_escape_becomes_its_character(void **state)
{
    (void)state;
    unescaped("", SPAN(""));
    unescaped("plain", SPAN("plain"));
    unescaped("\\\"\\\\\\/\\b\\f\\n\\r\\t", SPAN("\"\\/\b\f\n\r\t"));
    unescaped("\\u0041\\u00e4\\u20AC", SPAN("A\xc3\xa4\xe2\x82\xac"));
    unescaped("\\ud83d\\udc76", SPAN("\xf0\x9f\x91\xb6"));
    unescaped("a\\u0000b", SPAN("a\0b"));
    unescaped("\xc3\xa4\\n", SPAN("\xc3\xa4\n"));
}

static void a_buffer_that_is_too_small_is_refused(void **state)
{
    char out[3] = {0, 0, 'x'};
    size_t n = 9;

    (void)state;
    assert_int_equal(json_string_unescape(SPAN("abc"), out, 2, &n), ERR_TOOBIG);
    assert_int_equal(n, 0);
    assert_int_equal(out[2], 'x');
    assert_int_equal(json_string_unescape(SPAN("\\u20ac"), out, 2, &n), ERR_TOOBIG);
    assert_int_equal(out[2], 'x');
    assert_int_equal(json_string_unescape(SPAN("\\u20ac"), out, 3, &n), 0);
}

static void strings_are_compared_whole(void **state)
{
    (void)state;
    assert_true(json_string_is(SPAN("k\\u0069nd"), "kind", 4));
    assert_false(json_string_is(SPAN("kin"), "kind", 4));
    assert_false(json_string_is(SPAN("kinds"), "kind", 4));
    assert_false(json_string_is(SPAN("\\u20ac"), "\xe2\x82", 2));
}

static void a_place_goes_on_from_an_earlier_one(void **state)
{
    struct span text = SPAN("ab\r\nc\xc3\xa4\rd\n\ne");
    struct json_place step = json_place_of(text, 0);

    (void)state;
    for (size_t at = 0; at <= text.n; at++) {
        struct json_place whole = json_place_of(text, at);
        json_place_move(text, &step, at);
        assert_int_equal(step.line, whole.line);
        assert_int_equal(step.column, whole.column);
        assert_int_equal(step.at, at);
    }
    assert_int_equal(step.line, 5);
    assert_int_equal(step.column, 2);
    assert_int_equal(json_place_of(text, 1000).at, text.n);
}

static void every_reason_has_a_sentence(void **state)
{
    (void)state;
    for (enum json_why why = JSON_FINE; why <= JSON_TOO_LONG; why++)
        assert_true(strlen(json_why_text(why)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_escape_becomes_its_character),
        cmocka_unit_test(a_buffer_that_is_too_small_is_refused),
        cmocka_unit_test(strings_are_compared_whole),
        cmocka_unit_test(a_place_goes_on_from_an_earlier_one),
        cmocka_unit_test(every_reason_has_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
