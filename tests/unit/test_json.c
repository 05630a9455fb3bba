#include "json.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errors.h"
#include "test.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct json *parse(const char *text)
{
    const struct json *v = NULL;

    if (json_parse(arena, span_of(text), &v, NULL))
        fail_msg("refused: %s", text);
    return v;
}

static void every_kind_is_told_and_read(void **state)
{
    const struct json *v = parse(
        " {\"s\":\"x\",\"n\":-12,\"t\":true,\"f\":false,\"z\":null,\"a\":[1,2,3],\"o\":{\"k\":\"v\"}} ");
    int64_t n = 0;
    (void)state;

    assert_int_equal(json_kind(v), JSON_OBJECT);
    assert_int_equal(json_size(v), 7);
    assert_span(json_string(json_get(v, "s")), "x");
    assert_int_equal(json_i64(json_get(v, "n"), &n), 0);
    assert_int_equal(n, -12);
    assert_true(json_bool(json_get(v, "t")));
    assert_int_equal(json_kind(json_get(v, "f")), JSON_BOOL);
    assert_false(json_bool(json_get(v, "f")));
    assert_non_null(json_get(v, "z"));
    assert_int_equal(json_kind(json_get(v, "z")), JSON_NULL);
    assert_int_equal(json_size(json_get(v, "a")), 3);
    assert_int_equal(json_i64(json_at(json_get(v, "a"), 2), &n), 0);
    assert_int_equal(n, 3);
    assert_null(json_at(json_get(v, "a"), 3));
    assert_span(json_string(json_get(json_get(v, "o"), "k")), "v");
    assert_null(json_get(v, "none"));
    assert_null(json_get(json_get(v, "none"), "deeper"));
    assert_null(json_get(json_get(v, "a"), "0"));
    assert_null(json_string(json_get(v, "n")).p);
    assert_int_equal(json_kind(NULL), JSON_NULL);
}

static void a_lone_value_is_a_document(void **state)
{
    (void)state;
    assert_span(json_string(parse("\"\"")), "");
    assert_non_null(json_string(parse("\"\"")).p);
    assert_span(json_number(parse(" 1.50e+3 ")), "1.50e+3");
    assert_int_equal(json_size(parse("[]")), 0);
    assert_int_equal(json_kind(parse("null")), JSON_NULL);
}

static void the_tree_outlives_the_text(void **state)
{
    char text[] = "{\"key\":\"value\"}";
    const struct json *v;
    (void)state;

    assert_int_equal(json_parse(arena, span_of(text), &v, NULL), 0);
    memset(text, 'x', sizeof text);
    assert_span(json_string(json_get(v, "key")), "value");
}

static void members_come_in_order_and_the_last_of_a_name_counts(void **state)
{
    const struct json *v = parse("{\"b\":1,\"a\":2,\"b\":3,\"\":4,\"\\u0061b\":5}"), *value;
    struct span key;
    size_t it = 0;
    char seen[32] = "";
    int64_t n;
    (void)state;

    while (json_next(v, &it, &key, &value))
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%.*s%.*s ", (int)key.n, key.p,
                 (int)json_number(value).n, json_number(value).p);
    assert_string_equal(seen, "b1 a2 b3 4 ab5 ");
    assert_int_equal(json_i64(json_get(v, "b"), &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(json_i64(json_get(v, ""), &n), 0);
    assert_int_equal(n, 4);
    assert_non_null(json_get(v, "ab"));
    it = 0;
    assert_false(json_next(parse("[1]"), &it, &key, &value));
    assert_false(json_next(NULL, &it, &key, &value));
}

static void escapes_become_characters(void **state)
{
    struct span s = json_string(parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\u0000.\""));
    (void)state;

    assert_int_equal(s.n, 8 + 2 + 4 + 1 + 1);
    assert_memory_equal(s.p, "\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80\0.", s.n);
}

static void no_number_loses_a_digit(void **state)
{
    static const char *const big = "[12345678901234567890123,0.1000000000000000055511151231257827,1E400,-0,"
                                   "9223372036854775807,-9223372036854775808,9223372036854775808,1.0,1e3]";
    const struct json *v = parse(big);
    int64_t n = 42;
    (void)state;

    assert_span(json_text(arena, v), big);
    assert_span(json_number(json_at(v, 0)), "12345678901234567890123");
    assert_int_equal(json_i64(json_at(v, 0), &n), ERR_MALFORMED);
    assert_int_equal(json_i64(json_at(v, 3), &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(json_i64(json_at(v, 4), &n), 0);
    assert_true(n == INT64_MAX);
    assert_int_equal(json_i64(json_at(v, 5), &n), 0);
    assert_true(n == INT64_MIN);
    assert_int_equal(json_i64(json_at(v, 6), &n), ERR_MALFORMED);
    assert_int_equal(json_i64(json_at(v, 7), &n), ERR_MALFORMED);
    assert_int_equal(json_i64(json_at(v, 8), &n), ERR_MALFORMED);
    assert_int_equal(json_i64(NULL, &n), ERR_MALFORMED);
}

static void text_is_the_same_without_white_space(void **state)
{
    const struct json *v = parse(
        " { \"a b\" : [ 1 , \"x \\n \\u00e9 y\" , { } , [ ] , null , true ] ,\n\t\"c\" : { \"d\" : { } } } ");
    (void)state;

    assert_span(json_text(arena, v), "{\"a b\":[1,\"x \\n \\u00e9 y\",{},[],null,true],\"c\":{\"d\":{}}}");
    assert_span(json_text(arena, json_at(json_get(v, "a b"), 1)), "\"x \\n \\u00e9 y\"");
    assert_span(json_text(arena, json_get(v, "c")), "{\"d\":{}}");
    assert_span(json_text(arena, json_at(json_get(v, "a b"), 4)), "null");
    assert_span(json_text(arena, NULL), "null");
}

static void bad_documents_are_refused_with_a_reason(void **state)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "{",
                                      "[1,]",
                                      "{\"a\":}",
                                      "{a:1}",
                                      "'x'",
                                      "01",
                                      "1.",
                                      "+1",
                                      "nul",
                                      "NaN",
                                      "[1 2]",
                                      "\"\x01\"",
                                      "\"\\x\"",
                                      "\"\\ud800\"",
                                      "\"\xff\"",
                                      "\"\xc0\x80\"",
                                      "\"\xed\xa0\x80\"",
                                      "1 1",
                                      "\xef\xbb\xbf{}",
                                      "{\"a\" 1}",
                                      "]",
                                      "\"",
                                      "\"\\"};
    const struct json *v;
    const char *why;
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why = NULL;
        if (json_parse(arena, span_of(bad[i]), &v, &why) != ERR_MALFORMED)
            fail_msg("accepted: %s", bad[i]);
        assert_null(v);
        assert_true(why && strlen(why) > 5);
    }
}

static void nesting_is_bounded(void **state)
{
    static char deep[2000001];
    const struct json *v;
    const char *why;
    (void)state;

    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    assert_int_equal(json_parse(arena, (struct span){deep, 128}, &v, &why), 0);
    assert_int_equal(json_text(arena, v).n, 128);
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    assert_int_equal(json_parse(arena, (struct span){deep, 130}, &v, &why), ERR_TOOBIG);
    memset(deep, '[', 2000000);
    assert_int_equal(json_parse(arena, (struct span){deep, 2000000}, &v, &why), ERR_TOOBIG);
}

static void the_writer_puts_commas_and_escapes(void **state)
{
    struct json_out o;
    (void)state;

    json_out_init(&o, arena);
    json_object(&o);
    json_key(&o, SPAN("a\"b"));
    json_array(&o);
    json_add_i64(&o, INT64_MIN);
    json_add_u64(&o, UINT64_MAX);
    json_add_bool(&o, true);
    json_add_bool(&o, false);
    json_add_null(&o);
    json_array(&o);
    json_end(&o);
    json_object(&o);
    json_end(&o);
    json_end(&o);
    json_key(&o, SPAN("s"));
    json_add_string(&o, (struct span){"\"\\/\b\f\n\r\t\0\x1f\x7f\xc3\xa9<", 14});
    json_key(&o, SPAN("raw"));
    json_add_raw(&o, SPAN("{\"x\":1}"));
    json_end(&o);
    assert_span(json_out_span(&o),
                "{\"a\\\"b\":[-9223372036854775808,18446744073709551615,true,false,null,[],{}],"
                "\"s\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\xc3\xa9<\",\"raw\":{\"x\":1}}");
    (void)parse(arena_copy(arena, json_out_span(&o)).p);
}

static void invalid_utf8_becomes_replacement_characters(void **state)
{
    struct json_out o;
    (void)state;

    json_out_init(&o, arena);
    json_add_string(&o, SPAN("a\xff\xc3\xed\xa0\x80z\xe2\x82"));
    assert_span(json_out_span(&o),
                "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void sixty_four_levels_can_be_written(void **state)
{
    struct json_out o;
    (void)state;

    json_out_init(&o, arena);
    for (int i = 0; i < 32; i++) {
        json_array(&o);
        json_object(&o);
        json_key(&o, SPAN("k"));
    }
    json_add_null(&o);
    for (int i = 0; i < 64; i++)
        json_end(&o);
    (void)parse(arena_copy(arena, json_out_span(&o)).p);
}

static void misuse(struct json_out *o, int how)
{
    switch (how) {
    case 0:
        json_key(o, SPAN("outside"));
        break;
    case 1:
        json_object(o);
        json_add_null(o);
        break;
    case 2:
        json_end(o);
        break;
    case 3:
        json_add_null(o);
        json_add_null(o);
        break;
    case 4:
        for (int i = 0; i < 65; i++)
            json_array(o);
        break;
    case 5:
        json_object(o);
        json_key(o, SPAN("no value"));
        json_end(o);
        break;
    case 6:
        json_array(o);
        (void)json_out_span(o);
        break;
    case 7:
        json_add_raw(o, (struct span){NULL, 0});
        break;
    }
}

static void wrong_use_of_the_writer_is_a_bug(void **state)
{
    (void)state;
    for (int how = 0; how <= 7; how++) {
        pid_t pid = fork();
        int status;
        if (pid == 0) {
            struct json_out o;
            signal(SIGABRT, SIG_DFL);
            fclose(stderr);
            close(STDERR_FILENO);
            json_out_init(&o, arena);
            misuse(&o, how);
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFSIGNALED(status))
            fail_msg("misuse %d went through", how);
        assert_int_equal(WTERMSIG(status), SIGABRT);
    }
}

static void any_cut_of_a_document_is_refused_cleanly(void **state)
{
    static const char *const whole =
        "{\"a\":[1,2.5e-3,\"\\ud83d\\ude00\xc3\xa9\",true,null],\"b\":{\"c\":{}}}";
    (void)state;

    for (size_t n = 0; n < strlen(whole); n++) {
        const struct json *v;
        char *cut = malloc(n + 1); /* its own block, so that a read too far is seen */
        memcpy(cut, whole, n);
        assert_int_equal(json_parse(arena, (struct span){cut, n}, &v, NULL), ERR_MALFORMED);
        free(cut);
    }
}

static void a_compact_text_says_the_same_without_blanks(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {" 7 ", "7"},
        {"{\"a\" : 1, \"b b\" : [ ] ,\n\t\"c\" : \" x \\\" y \"}",
         "{\"a\":1,\"b b\":[],\"c\":\" x \\\" y \"}"},
        {"[\"\\\\\", \" \"]", "[\"\\\\\",\" \"]"},
        {"[\"a\xe2\x80\xa8 \xe2\x80\xa9\", \"\xe2\x82\xac\"]", "[\"a\\u2028 \\u2029\",\"\xe2\x82\xac\"]"},
        {"\"cut\\", "\"cut\\"},
        {"\"\xe2", "\"\xe2"},
        {"{ \"a \\\" b\" : \"\\\\\" , \"c\" : \" \" }", "{\"a \\\" b\":\"\\\\\",\"c\":\" \"}"},
        {"[ \"\\\\\\\" : \\\\\" , \"\\u0041 : \" ]", "[\"\\\\\\\" : \\\\\",\"\\u0041 : \"]"},
        {"[ \"\xe2\x80\xa8\" , \"a\\\"\xe2\x80\xa9 \xe2\x80\x94\" ]",
         "[\"\\u2028\",\"a\\\"\\u2029 \xe2\x80\x94\"]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_span(json_compact(arena, span_of(table[i][0])), table[i][1]);
}

static void an_indented_text_has_a_line_for_each_member(void **state)
{
    static const char *const table[][2] = {
        {"1", "1"},
        {"{}", "{}"},
        {"[]", "[]"},
        {"\"a,{:}\\\"\"", "\"a,{:}\\\"\""},
        {"{\"a\":[1,{\"b\":\"x\"},[]],\"c\":{}}",
         "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\"\n    },\n    []\n  ],\n  \"c\": {}\n}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_span(json_indent(arena, span_of(table[i][0]), 2), table[i][1]);
    assert_span(json_indent(arena, SPAN("[[0]]"), 8), "[\n        [\n                0\n        ]\n]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_is_told_and_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lone_value_is_a_document, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_tree_outlives_the_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(members_come_in_order_and_the_last_of_a_name_counts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(escapes_become_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_number_loses_a_digit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_is_the_same_without_white_space, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_documents_are_refused_with_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nesting_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_writer_puts_commas_and_escapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(invalid_utf8_becomes_replacement_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sixty_four_levels_can_be_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_use_of_the_writer_is_a_bug, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_cut_of_a_document_is_refused_cleanly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_compact_text_says_the_same_without_blanks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_indented_text_has_a_line_for_each_member, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
