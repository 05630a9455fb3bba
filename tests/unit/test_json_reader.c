#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "errors.h"
#include "json_reader.h"

/* The tokens of a text as a word of one letter each, "!" at the mistake. */
static const char *walk(struct span text, const struct json_limits *limits, struct json_error *err)
{
    static char word[256];
    struct json_reader r;
    struct json_token t;
    size_t n = 0;
    int rc;

    json_reader_init(&r, text, limits);
    for (;;) {
        rc = json_reader_next(&r, &t);
        assert_true(n < sizeof word - 1);
        if (rc || t.type == JSON_TOKEN_END)
            break;
        word[n++] = ".{}[]ks0tfn"[t.type];
    }
    if (rc)
        word[n++] = '!';
    word[n] = '\0';
    *err = json_reader_error(&r);
    assert_int_equal(rc != 0, err->why != JSON_FINE);
    if (rc)
        assert_int_equal(json_reader_next(&r, &t), rc);
    else
        assert_int_equal(json_reader_next(&r, &t), 0);
    return word;
}

/* The text lies at the end of a heap block, so that a sanitizer sees a read behind it. */
static void refused(struct span text, enum json_why why, uint32_t line, uint32_t column)
{
    char *copy = malloc(text.n ? text.n : 1);
    struct json_error err;

    assert_non_null(copy);
    memcpy(copy, text.p, text.n);
    (void)walk((struct span){copy, text.n}, NULL, &err);
    if (err.why != why || err.place.line != line || err.place.column != column)
        fail_msg("\"%.*s\": got %d at %u:%u, want %d at %u:%u", (int)text.n, text.p, (int)err.why,
                 err.place.line, err.place.column, (int)why, line, column);
    assert_true(strlen(json_why_text(err.why)) > 0);
    free(copy);
}

static void accepted(const char *text, const char *tokens)
{
    struct json_error err;

    assert_string_equal(walk(span_of(text), NULL, &err), tokens);
    assert_int_equal(err.why, JSON_FINE);
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    accepted("null", "n");
    accepted(" \t\r\n-0.5e+10 ", "0");
    accepted("\"\"", "s");
    accepted("[]", "[]");
    accepted("{}", "{}");
    accepted("[1,[true,false],{\"a\":null,\"b\":{}}]", "[0[tf]{knk{}}]");
    accepted("0", "0");
    accepted("-0", "0");
    accepted("1E5", "0");
    accepted("[0,0]", "[00]");
}

static void each_mistake_has_its_reason_and_place(void **state)
{
    (void)state;
    refused(SPAN(""), JSON_EMPTY, 1, 1);
    refused(SPAN(" \n "), JSON_EMPTY, 2, 2);
    refused(SPAN("{\"a\":1"), JSON_CUT_SHORT, 1, 7);
    refused(SPAN("[1,"), JSON_CUT_SHORT, 1, 4);
    refused(SPAN("{\"a\":"), JSON_CUT_SHORT, 1, 6);
    refused(SPAN("{"), JSON_CUT_SHORT, 1, 2);
    refused(SPAN("[,1]"), JSON_NO_VALUE, 1, 2);
    refused(SPAN("[1,,2]"), JSON_NO_VALUE, 1, 4);
    refused(SPAN("]"), JSON_NO_VALUE, 1, 1);
    refused(SPAN("'a'"), JSON_NO_VALUE, 1, 1);
    refused(SPAN("// remark\n1"), JSON_NO_VALUE, 1, 1);
    refused(SPAN("{a:1}"), JSON_NO_NAME, 1, 2);
    refused(SPAN("{1:1}"), JSON_NO_NAME, 1, 2);
    refused(SPAN("{\"a\" 1}"), JSON_NO_COLON, 1, 6);
    refused(SPAN("{\"a\"}"), JSON_NO_COLON, 1, 5);
    refused(SPAN("[1 2]"), JSON_NO_COMMA, 1, 4);
    refused(SPAN("[1}"), JSON_NO_COMMA, 1, 3);
    refused(SPAN("{\"a\":1 \"b\":2}"), JSON_NO_COMMA, 1, 8);
    refused(SPAN("{\"a\":1,}"), JSON_COMMA_AT_END, 1, 8);
    refused(SPAN("[1,]"), JSON_COMMA_AT_END, 1, 4);
    refused(SPAN("1 2"), JSON_TRAILING, 1, 3);
    refused(SPAN("{}}"), JSON_TRAILING, 1, 3);
}

static void a_broken_string_has_its_reason_and_place(void **state)
{
    (void)state;
    refused(SPAN("\"abc"), JSON_STRING_OPEN, 1, 1);
    refused(SPAN("\"abc\\"), JSON_CUT_SHORT, 1, 6);
    refused(SPAN("\"a\nb\""), JSON_STRING_CONTROL, 1, 3);
    refused(SPAN("\"a\tb\""), JSON_STRING_CONTROL, 1, 3);
    refused(SPAN("\"a\0b\""), JSON_STRING_CONTROL, 1, 3);
    refused(SPAN("\"12345678\x1f\""), JSON_STRING_CONTROL, 1, 10);
    refused(SPAN("\"\\q\""), JSON_BAD_ESCAPE, 1, 2);
    refused(SPAN("\"\\u12g4\""), JSON_BAD_ESCAPE, 1, 2);
    refused(SPAN("\"\\u12"), JSON_BAD_ESCAPE, 1, 2);
    refused(SPAN("\"\\\0\""), JSON_BAD_ESCAPE, 1, 2);
    refused(SPAN("\"\\ud800\""), JSON_LONE_SURROGATE, 1, 2);
    refused(SPAN("\"\\ud800\\u0041\""), JSON_LONE_SURROGATE, 1, 2);
    refused(SPAN("\"\\udc00\""), JSON_LONE_SURROGATE, 1, 2);
    refused(SPAN("\"\\ud800\\ud"), JSON_LONE_SURROGATE, 1, 2);
}

static void bytes_that_are_not_utf8_are_refused(void **state)
{
    (void)state;
    refused(SPAN("\"\xff\""), JSON_BAD_UTF8, 1, 2);
    refused(SPAN("\"\xc0\xaf\""), JSON_BAD_UTF8, 1, 2);         /* overlong */
    refused(SPAN("\"\xed\xa0\x80\""), JSON_BAD_UTF8, 1, 2);     /* surrogate */
    refused(SPAN("\"\xf4\x90\x80\x80\""), JSON_BAD_UTF8, 1, 2); /* above U+10FFFF */
    refused(SPAN("\"\xe2\x82"), JSON_BAD_UTF8, 1, 2);           /* cut */
    refused(SPAN("\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x91\xb6\x80\""), JSON_BAD_UTF8, 1, 5);
    refused(SPAN("\xc3\xa4"), JSON_NO_VALUE, 1, 1);
    refused(SPAN("\xef\xbb\xbf{}"), JSON_BOM, 1, 1);
}

static void a_number_is_written_as_json_wants_it(void **state)
{
    static const char *const wrong[] = {"01",   "-",  "1.",   ".5",  "+1",    "1e", "1e+",
                                        "0x10", "-a", "1.e1", "--1", "1_000", "1a", "00"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(span_of(wrong[i]), JSON_BAD_NUMBER, 1, 1);
    refused(SPAN("1\0"), JSON_BAD_NUMBER, 1, 1);
}

static void words_other_than_the_three_are_refused(void **state)
{
    static const char *const wrong[] = {"True",  "NULL", "undefined", "NaN",     "Infinity",
                                        "truex", "nul",  "t",         "nullnull"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(span_of(wrong[i]), JSON_BAD_WORD, 1, 1);
    refused(SPAN("true\0"), JSON_BAD_WORD, 1, 1);
    refused(SPAN("[-Infinity]"), JSON_BAD_NUMBER, 1, 2);
}

static void places_count_lines_of_all_systems_and_code_points(void **state)
{
    (void)state;
    refused(SPAN("[\n\n  x]"), JSON_BAD_WORD, 3, 3);
    refused(SPAN("[\r\n\r\n  x]"), JSON_BAD_WORD, 3, 3);
    refused(SPAN("[\r\r  x]"), JSON_BAD_WORD, 3, 3);
    refused(SPAN("[\"\xc3\xa4\xf0\x9f\x91\xb6\", x]"), JSON_BAD_WORD, 1, 8);
}

static void nesting_has_a_bound(void **state)
{
    static char deep[100000];
    struct json_limits limits = {.depth_max = 3};
    struct json_error err;

    (void)state;
    memset(deep, '[', sizeof deep);
    assert_int_equal(json_valid((struct span){deep, sizeof deep}, NULL, &err), ERR_TOOBIG);
    assert_int_equal(err.why, JSON_TOO_DEEP);
    assert_int_equal(err.place.column, JSON_DEPTH_DEFAULT + 1);
    assert_int_equal(json_valid(SPAN("[[[]]]"), &limits, NULL), 0);
    assert_int_equal(json_valid(SPAN("[[[{}]]]"), &limits, NULL), ERR_TOOBIG);
    limits.depth_max = 1000000; /* no more than the reader has room for */
    assert_int_equal(json_valid((struct span){deep, sizeof deep}, &limits, &err), ERR_TOOBIG);
    assert_int_equal(err.place.column, JSON_DEPTH_CAP + 1);
}

static void counts_and_length_have_bounds(void **state)
{
    struct json_limits limits = {.members_max = 2};
    struct json_error err;

    (void)state;
    assert_int_equal(json_valid(SPAN("[[1,2],[3,4]]"), &limits, NULL), 0);
    assert_int_equal(json_valid(SPAN("[1,2,3]"), &limits, &err), ERR_TOOBIG);
    assert_int_equal(err.why, JSON_TOO_MANY);
    assert_int_equal(json_valid(SPAN("{\"a\":1,\"b\":2,\"c\":3}"), &limits, NULL), ERR_TOOBIG);
    limits = (struct json_limits){.values_max = 3};
    assert_int_equal(json_valid(SPAN("[1,2]"), &limits, NULL), 0);
    assert_int_equal(json_valid(SPAN("[1,2,3]"), &limits, NULL), ERR_TOOBIG);
    limits = (struct json_limits){.bytes_max = 3};
    assert_int_equal(json_valid(SPAN("[1]"), &limits, NULL), 0);
    assert_int_equal(json_valid(SPAN("[12]"), &limits, &err), ERR_TOOBIG);
    assert_int_equal(err.why, JSON_TOO_LONG);
}

static void nul_is_refused_where_it_cannot_be_stored(void **state)
{
    struct json_limits limits = {.refuse_nul = true};
    struct json_error err;

    (void)state;
    assert_int_equal(json_valid(SPAN("\"\\u0000\""), NULL, NULL), 0);
    assert_int_equal(json_valid(SPAN("{\"a\\u0000\":1}"), &limits, &err), ERR_MALFORMED);
    assert_int_equal(err.why, JSON_HAS_NUL);
    assert_int_equal(err.place.column, 4);
}

static void tokens_are_spans_of_the_text(void **state)
{
    struct span text = SPAN(" {\"k\\n\" : -1.50 }");
    struct json_reader r;
    struct json_token t;

    (void)state;
    json_reader_init(&r, text, NULL);
    assert_int_equal(json_reader_next(&r, &t), 0);
    assert_int_equal(json_reader_next(&r, &t), 0);
    assert_span(t.text, "k\\n");
    assert_true(t.has_escapes);
    assert_int_equal(t.at, 2);
    assert_int_equal(t.end, 7);
    assert_int_equal(json_reader_next(&r, &t), 0);
    assert_span(t.text, "-1.50");
    assert_int_equal(t.end - t.at, 5);
}

static void every_cut_of_a_text_is_refused(void **state)
{
    struct span text = SPAN(
        "{\"a\": [1, -2.5e3, \"\\ud83d\\udc76 \xf0\x9f\x91\xb6\"], \"b\": {\"c\": [true, null, false]}}");

    (void)state;
    for (size_t n = 0; n < text.n; n++) {
        char *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, text.p, n);
        assert_int_equal(json_valid((struct span){copy, n}, NULL, NULL), ERR_MALFORMED);
        free(copy);
    }
    assert_int_equal(json_valid(text, NULL, NULL), 0);
}

static void a_member_is_found_by_its_unescaped_name(void **state)
{
    struct span value;

    (void)state;
    assert_int_equal(json_member(SPAN("{\"a\": {\"b\": 1}, \"\\u0062\": [ 2 ] }"), "b", &value), 0);
    assert_span(value, "[ 2 ]");
    assert_int_equal(json_member(SPAN("{\"a\":1,\"b\":2,\"a\":\"x\"}"), "a", &value), 0);
    assert_span(value, "\"x\"");
    assert_int_equal(json_member(SPAN("{\"x\":{\"a\":1}}"), "a", &value), ERR_NOTFOUND);
    assert_null(value.p);
    assert_int_equal(json_member(SPAN("[{\"a\":1}]"), "a", &value), ERR_MALFORMED);
    assert_int_equal(json_member(SPAN("{\"a\":1} x"), "a", &value), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(each_mistake_has_its_reason_and_place),
        cmocka_unit_test(a_broken_string_has_its_reason_and_place),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
        cmocka_unit_test(a_number_is_written_as_json_wants_it),
        cmocka_unit_test(words_other_than_the_three_are_refused),
        cmocka_unit_test(places_count_lines_of_all_systems_and_code_points),
        cmocka_unit_test(nesting_has_a_bound),
        cmocka_unit_test(counts_and_length_have_bounds),
        cmocka_unit_test(nul_is_refused_where_it_cannot_be_stored),
        cmocka_unit_test(tokens_are_spans_of_the_text),
        cmocka_unit_test(every_cut_of_a_text_is_refused),
        cmocka_unit_test(a_member_is_found_by_its_unescaped_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
