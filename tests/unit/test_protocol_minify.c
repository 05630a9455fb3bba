#include "test.h"

#include <stdlib.h>

#include "checker.h"
#include "errors.h"

static void minified(const char *text, const char *want)
{
    char out[256];
    size_t n = 99;

    assert_int_equal(protocol_minify(span_of(text), out, strlen(text), &n), 0);
    assert_span((struct span){out, n}, want);
    /* in place, and again: nothing changes any more */
    memcpy(out, text, strlen(text));
    assert_int_equal(protocol_minify((struct span){out, strlen(text)}, out, sizeof out, &n), 0);
    assert_span((struct span){out, n}, want);
    assert_int_equal(protocol_minify((struct span){out, n}, out, n, &n), 0);
    assert_span((struct span){out, n}, want);
}

static void white_space_between_tokens_goes_and_all_else_stays(void **state)
{
    (void)state;
    minified("{}", "{}");
    minified(" [ ] ", "[]");
    minified("{ \"b\" : 1.50 ,\r\n\t\"a\"\n:\n[ true , null , \"x  y\\u0041\" , { } , [ ] ] }",
             "{\"b\":1.50,\"a\":[true,null,\"x  y\\u0041\",{},[]]}");
    minified("{\"a\" :1,\"a\": {\"b\" :[1 ,2]}}", "{\"a\":1,\"a\":{\"b\":[1,2]}}");
    minified(" \"one\" ", "\"one\"");
}

static void a_mistake_leaves_nothing_behind(void **state)
{
    char out[16] = "untouched";
    size_t n = 99;

    (void)state;
    assert_int_equal(protocol_minify(SPAN("[1, 2,]"), out, sizeof out, &n), ERR_MALFORMED);
    assert_int_equal(n, 0);
    assert_string_equal(out, "untouched");
    assert_int_equal(protocol_minify(SPAN("[1, 2]"), out, 4, &n), ERR_TOOBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(white_space_between_tokens_goes_and_all_else_stays),
        cmocka_unit_test(a_mistake_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
