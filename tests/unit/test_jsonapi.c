/* What both ends of a JSON:API request read alike: keys, numbers, blanks. */
#include "jsonapi.h"

#include "test.h"

static struct arena *arena;

static const char *key(const char *text)
{
    return arena_copy(arena, jsonapi_key(arena, span_of(text))).p;
}

static void API_X_17_keys_in_any_spelling_are_one_attribute(void **state)
{
    static const char *const spellings[] = {"expData",  "exp-data", "ExpData",
                                            "exp_data", "EXPData",  "Exp-Data"};

    (void)state;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        assert_string_equal(key(spellings[i]), "exp_data");
    assert_string_equal(key("completedConsentFrame"), "completed_consent_frame");
    assert_string_equal(key("s3Timestamp"), "s3_timestamp");
    assert_string_equal(key("pipeNumericId"), "pipe_numeric_id");
    assert_string_equal(key(""), "");
}

static void numbers_are_written_as_python_writes_them(void **state)
{
    static const char *const pairs[][2] = {{"1", "1"},
                                           {"-0", "0"},
                                           {"12345678901234567890123", "12345678901234567890123"},
                                           {"1.0", "1.0"},
                                           {"-0.0", "-0.0"},
                                           {"0.10", "0.1"},
                                           {"1E5", "100000.0"},
                                           {"1e20", "1e+20"},
                                           {"0.00001", "1e-05"},
                                           {"1e-4", "0.0001"},
                                           {"1.5e300", "1.5e+300"},
                                           {"123456789012345678.0", "1.2345678901234568e+17"},
                                           {"1e15", "1000000000000000.0"},
                                           {"1e16", "1e+16"},
                                           {"2.50", "2.5"},
                                           {"5e-324", "5e-324"},
                                           {"-1.25e2", "-125.0"},
                                           {"0.1e1", "1.0"}};

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_span(jsonapi_number(arena, span_of(pairs[i][0])), pairs[i][1]);
    assert_null(jsonapi_number(arena, SPAN("1e400")).p);
}

static void numbers_that_nobody_can_keep_do_not_fit(void **state)
{
    char digits[5000];

    (void)state;
    memset(digits, '7', sizeof digits);
    assert_true(jsonapi_number_fits((struct span){digits, 4300}));
    assert_false(jsonapi_number_fits((struct span){digits, 4301}));
    assert_true(jsonapi_number_fits(SPAN("1e308")));
    assert_true(jsonapi_number_fits(SPAN("1e-400")));
    assert_false(jsonapi_number_fits(SPAN("1e400")));
    assert_false(jsonapi_number_fits(SPAN("-1e999999999999999999999")));
    assert_false(jsonapi_number_fits(SPAN("1e-99999")));
    digits[1] = '.';
    assert_false(jsonapi_number_fits((struct span){digits, 500}));
    assert_true(jsonapi_number_fits((struct span){digits, 300}));
}

static void blanks_go_at_both_ends_only(void **state)
{
    (void)state;
    assert_span(jsonapi_strip(SPAN(" \t\n a b\xc2\xa0\xe3\x80\x80 ")), "a b");
    assert_span(jsonapi_strip(SPAN("\xe2\x80\x83x\xc3\xa9")), "x\xc3\xa9");
    assert_span(jsonapi_strip(SPAN("\xc2\x85x\n\xe2\x80\xa8")), "x");
    assert_span(jsonapi_strip(SPAN("\xe2\x82\xac")), "\xe2\x82\xac");
    assert_span(jsonapi_strip(SPAN("  ")), "");
    assert_span(jsonapi_strip(SPAN("")), "");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(API_X_17_keys_in_any_spelling_are_one_attribute),
        cmocka_unit_test(numbers_are_written_as_python_writes_them),
        cmocka_unit_test(numbers_that_nobody_can_keep_do_not_fit),
        cmocka_unit_test(blanks_go_at_both_ends_only),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
