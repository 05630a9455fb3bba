/* Tables and indented JSON, to the byte. */
#include "csv.h"

#include "errors.h"
#include "indent.h"
#include "test.h"

static struct arena *arena;

static const char *row(const char *cells, const char *more)
{
    struct text t = {0};

    assert_int_equal(csv_cells(arena, &t, span_of(cells), true), 0);
    assert_int_equal(csv_cells(arena, &t, span_of(more), false), 0);
    csv_end(arena, &t);
    return arena_copy(arena, text_span(&t)).p;
}

static void numbers_and_truths_are_bare_all_else_is_quoted(void **state)
{
    (void)state;
    assert_string_equal(row("[1, -2.50e3, true, false, null, \"\", \"a,b\"]", NULL),
                        "1,-2.50e3,True,False,\"\",\"\",\"a,b\"\r\n");
    assert_string_equal(row("[\"say \\\"hi\\\"\", \"two\\nlines\", \"\\u00fc\"]", NULL),
                        "\"say \"\"hi\"\"\",\"two\nlines\",\"\xc3\xbc\"\r\n");
    assert_string_equal(row("[\"\\\"\", \"\\\"\\\"x\"]", NULL), "\"\"\"\",\"\"\"\"\"x\"\r\n");
}

static void nested_values_stand_as_their_json(void **state)
{
    (void)state;
    assert_string_equal(row("[{\"a\":[1,{}]},[],2]", NULL), "\"{\"\"a\"\":[1,{}]}\",\"[]\",2\r\n");
}

static void two_arrays_make_one_row(void **state)
{
    (void)state;
    assert_string_equal(row("[1]", "[2,3]"), "1,2,3\r\n");
    assert_string_equal(row("[1]", "[]"), "1\r\n");
}

static void what_is_no_row_is_refused(void **state)
{
    struct text t = {0};

    (void)state;
    assert_int_equal(csv_cells(arena, &t, SPAN("{}"), true), ERR_MALFORMED);
    assert_int_equal(csv_cells(arena, &t, SPAN("[1"), true), ERR_MALFORMED);
}

static const char *indented(const char *json)
{
    struct text t = {0};

    assert_int_equal(indent_json(arena, &t, span_of(json)), 0);
    return arena_copy(arena, text_span(&t)).p;
}

static void each_level_is_one_tab(void **state)
{
    (void)state;
    assert_string_equal(
        indented("{\"a\" : [1,  {\"b\":null}], \"c\":{ },\"d\":[],\"e\":\"x\\n\"}"),
        "{\n\t\"a\": [\n\t\t1,\n\t\t{\n\t\t\t\"b\": null\n\t\t}\n\t],\n\t\"c\": {},\n\t\"d\": [],\n\t\"e\": "
        "\"x\\n\"\n}");
    assert_string_equal(indented("[]"), "[]");
    assert_string_equal(indented(" 7 "), "7");
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
        cmocka_unit_test(numbers_and_truths_are_bare_all_else_is_quoted),
        cmocka_unit_test(nested_values_stand_as_their_json),
        cmocka_unit_test(two_arrays_make_one_row),
        cmocka_unit_test(what_is_no_row_is_refused),
        cmocka_unit_test(each_level_is_one_tab),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
