/* accept: what an answer is asked to be. */
#include "accept.h"
#include "test.h"

static void the_most_specific_range_counts(void **state)
{
    static const char *const table[][2] = {
        {"application/vnd.api+json", "application/vnd.api+json"},
        {"*/*;q=0.1, Application/VND.api+JSON; indent=2;q=0", "Application/VND.api+JSON; indent=2;q=0"},
        {"*/*, application/*", "application/*"},
        {"text/html,*/*;q=0.8", "*/*;q=0.8"},
        {"text/html", "text/html"},
        {"image/png, text/html", "text/html"},
        {",,*/*", "*/*"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_span(accept_range(span_of(table[i][0])), table[i][1]);
}

static void what_the_api_cannot_be_is_no_range(void **state)
{
    static const char *const table[] = {"",       "application/json", "image/*", "application/vnd.api+jsonx",
                                        "text/*", "garbage",          ","};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_null(accept_range(span_of(table[i])).p);
}

static void an_indent_is_a_small_number(void **state)
{
    static const struct {
        const char *range;
        unsigned by;
    } table[] = {
        {"*/*", 0},
        {"*/*; indent=2", 2},
        {"*/*;INDENT=\"4\"", 4},
        {"*/*;indent=0", 0},
        {"*/*;indent=-1", 0},
        {"*/*;indent=2x", 0},
        {"*/*;indent=", 0},
        {"*/*;indent=8", 8},
        {"*/*;indent=9", 8},
        {"*/*;indent=99999999999999999999", 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(accept_indent(span_of(table[i].range)), table[i].by);
    assert_int_equal(accept_indent((struct span){NULL, 0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_specific_range_counts),
        cmocka_unit_test(what_the_api_cannot_be_is_no_range),
        cmocka_unit_test(an_indent_is_a_small_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
