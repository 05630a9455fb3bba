/* view_form: what was typed, what is wrong, and which choice is on. */
#include "errors.h"
#include "test.h"
#include "view_form.h"

static struct span formed(struct arena *a, const char *doc, const char *typed, const char *errors)
{
    const struct json *d = NULL, *t = NULL, *e = NULL, *out;

    assert_int_equal(json_parse(a, span_of(doc), &d, NULL), 0);
    if (typed != NULL)
        assert_int_equal(json_parse(a, span_of(typed), &t, NULL), 0);
    if (errors != NULL)
        assert_int_equal(json_parse(a, span_of(errors), &e, NULL), 0);
    assert_int_equal(view_form(a, d, t, e, &out), 0);
    return json_text(a, out);
}

static void a_first_look_shows_the_values_of_the_document(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    assert_span(formed(a, "{\"form\":{\"values\":{\"x\":\"y\"}}}", NULL, NULL),
                "{\"form\":{\"values\":{\"x\":\"y\"},\"choices\":{}}}");
    assert_span(formed(a, "{}", NULL, "{}"), "{\"form\":{\"choices\":{}}}");
    arena_free(&a);
}

static void what_was_typed_and_what_is_wrong_come_back(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    assert_span(formed(a, "{\"form\":{\"values\":{\"x\":\"old\"}}}", "{\"x\":\"<new\"}", "{\"x\":[\"No.\"]}"),
                "{\"form\":{\"values\":{\"x\":\"<new\"},\"errors\":{\"x\":[\"No.\"]},\"choices\":{}}}");
    arena_free(&a);
}

static void the_chosen_ones_are_marked(void **state)
{
    struct arena *a = arena_new();
    struct span s = formed(
        a,
        "{\"choices\":{\"n\":[{\"value\":3,\"label\":\"three\"},{\"value\":\"30\",\"label\":\"thirty\"}],"
        "\"m\":[{\"value\":\"en\",\"label\":\"English\"},{\"value\":\"de\",\"label\":\"German\"}],"
        "\"o\":[{\"value\":\"\",\"label\":\"none\"}]}}",
        "{\"n\":\"3\",\"m\":[\"de\",7],\"o\":null}", NULL);

    (void)state;
    assert_span(s, "{\"form\":{\"values\":{\"n\":\"3\",\"m\":[\"de\",7],\"o\":null},\"choices\":{"
                   "\"n\":[{\"value\":\"3\",\"label\":\"three\",\"is_selected\":true},"
                   "{\"value\":\"30\",\"label\":\"thirty\",\"is_selected\":false}],"
                   "\"m\":[{\"value\":\"en\",\"label\":\"English\",\"is_selected\":false},"
                   "{\"value\":\"de\",\"label\":\"German\",\"is_selected\":true}],"
                   "\"o\":[{\"value\":\"\",\"label\":\"none\",\"is_selected\":false}]}}}");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_look_shows_the_values_of_the_document),
        cmocka_unit_test(what_was_typed_and_what_is_wrong_come_back),
        cmocka_unit_test(the_chosen_ones_are_marked),
    };
    return cmocka_run_group_tests_name("view_form", tests, NULL, NULL);
}
