/* The route table: what finds what, and what to say to the rest. */
#include "messages.h"
#include "route.h"
#include "test.h"

static const struct field by_uuid_fields[] = {{.name = "study", .type = FIELD_UUID},
                                              {.name = "child", .type = FIELD_UUID}};
static const struct field by_slug_fields[] = {{.name = "slug", .type = FIELD_STR}};
static const struct field by_number_fields[] = {{.name = "study", .type = FIELD_U64}};
static const struct field version_fields[] = {{.name = "version", .type = FIELD_STR},
                                              {.name = "path", .type = FIELD_STR}};
static const struct message nothing = {.name = "nothing"};
static const struct message by_uuid = {.name = "by_uuid", .to = "x", .field = by_uuid_fields, .field_n = 2};
static const struct message by_slug = {.name = "by_slug", .to = "x", .field = by_slug_fields, .field_n = 1};
static const struct message by_number = {
    .name = "by_number", .to = "x", .field = by_number_fields, .field_n = 1};
static const struct message versioned = {
    .name = "versioned", .to = "x", .field = version_fields, .field_n = 2};

static const struct route table[] = {
    {HTTP_GET, "/", WHO_ANYONE, &nothing, THEN_PAGE, "home"},
    {HTTP_GET, "/studies/{slug}/", WHO_ANYONE, &by_slug, THEN_PAGE, "lab"},
    {HTTP_GET, "/studies/{study}/", WHO_ANYONE, &by_uuid, THEN_PAGE, "study"},
    {HTTP_POST, "/studies/{study}/", WHO_FAMILY, &by_uuid, THEN_SEE_OTHER, NULL},
    {HTTP_GET, "/studies/history/", WHO_FAMILY, &nothing, THEN_PAGE, "history"},
    {HTTP_GET, "/studies/{study}/{child}/", WHO_FAMILY, &by_uuid, THEN_PAGE, "run"},
    {HTTP_GET, "/exp/studies/{study}/", WHO_RESEARCHER, &by_number, THEN_PAGE, "exp"},
    {HTTP_POST, "/exp/studies/create/", WHO_RESEARCHER, &nothing, THEN_SEE_OTHER, NULL},
    {HTTP_POST, "/exp/studies/{study}/clone-study", WHO_RESEARCHER, &by_number, THEN_SEE_OTHER, NULL},
    {HTTP_GET, "/api/{version:v1|v2}/users/", WHO_API, &versioned, THEN_JSONAPI, NULL},
    {HTTP_GET, "/v/{version}/{path*}", WHO_ANYONE, &versioned, THEN_FILE, NULL},
    {0}};

static struct routes *routes;
static struct arena *arena;
static struct route_match m;

static int start(void **state)
{
    (void)state;
    routes = routes_new(table);
    arena = arena_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    routes_free(&routes);
    arena_free(&arena);
    return 0;
}

static enum route_outcome find(enum http_method method, const char *path)
{
    return routes_match(routes, arena, method, span_of(path), &m);
}

#define A_UUID "0d3f0000-0000-4000-8000-000000000001"

static void the_root_is_a_route(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/"), ROUTE_FOUND);
    assert_string_equal(m.route->view, "home");
}

static void a_literal_wins_over_a_field(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/studies/history/"), ROUTE_FOUND);
    assert_string_equal(m.route->view, "history");
}

static void a_uuid_wins_over_text_whatever_the_order_of_the_table(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/studies/" A_UUID "/"), ROUTE_FOUND);
    assert_string_equal(m.route->view, "study");
    assert_int_equal(m.capture_n, 1);
    assert_span(m.capture[0].name, "study");
    assert_span(m.capture[0].value, A_UUID);
    assert_int_equal(find(HTTP_GET, "/studies/baby-lab/"), ROUTE_FOUND);
    assert_string_equal(m.route->view, "lab");
}

static void a_number_field_takes_digits_only(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/exp/studies/12/"), ROUTE_FOUND);
    assert_int_equal(find(HTTP_GET, "/exp/studies/12a/"), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/exp/studies/-1/"), ROUTE_UNKNOWN);
}

static void a_choice_takes_its_words_only(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/api/v1/users/"), ROUTE_FOUND);
    assert_span(m.capture[0].value, "v1");
    assert_int_equal(find(HTTP_GET, "/api/v3/users/"), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/api/v/users/"), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/api/v1|v2/users/"), ROUTE_UNKNOWN);
}

static void the_rest_of_a_path_is_one_value(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/v/abc/assets/a%20b/c.js"), ROUTE_FOUND);
    assert_span(m.capture[1].name, "path");
    assert_span(m.capture[1].value, "assets/a b/c.js");
    assert_int_equal(find(HTTP_GET, "/v/abc"), ROUTE_UNKNOWN);
}

static void values_are_decoded_after_the_path_is_cut(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/studies/a%2Fb+c/"), ROUTE_FOUND);
    assert_span(m.capture[0].value, "a/b+c");
    assert_int_equal(find(HTTP_GET, "/%73tudies/x/"), ROUTE_FOUND);
}

static void a_path_that_is_no_text_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/studies/%ff/"), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/studies//"), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "//studies/x/"), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"), ROUTE_UNKNOWN);
}

static void another_method_is_told_what_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_DELETE, "/studies/" A_UUID "/"), ROUTE_OTHER_METHOD);
    assert_span(route_allow(arena, m.methods), "GET, POST, HEAD, OPTIONS");
    assert_int_equal(find(HTTP_GET, "/exp/studies/12/clone-study"), ROUTE_OTHER_METHOD);
    assert_span(route_allow(arena, m.methods), "POST, OPTIONS");
    assert_int_equal(find(HTTP_OPTIONS, "/"), ROUTE_OTHER_METHOD);
}

static void head_finds_the_get(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_HEAD, "/"), ROUTE_FOUND);
    assert_int_equal(m.route->method, HTTP_GET);
    assert_int_equal(find(HTTP_HEAD, "/exp/studies/create/"), ROUTE_OTHER_METHOD);
}

static void a_missing_slash_is_noticed_and_a_needless_one_is_not_forgiven(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_GET, "/studies/history"), ROUTE_WITH_SLASH);
    assert_int_equal(find(HTTP_GET, "/studies/" A_UUID), ROUTE_WITH_SLASH);
    assert_int_equal(find(HTTP_POST, "/exp/studies/12/clone-study/"), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/nowhere"), ROUTE_UNKNOWN);
}

static void plus_is_a_space_in_forms_only(void **state)
{
    (void)state;
    assert_span(route_decode(arena, SPAN("a+b%2Bc%4"), true), "a b+c%4");
    assert_span(route_decode(arena, SPAN("a+b"), false), "a+b");
}

static void the_table_of_the_house_compiles(void **state)
{
    struct routes *house = routes_new(route_table);

    (void)state;
    assert_int_equal(routes_match(house, arena, HTTP_GET, SPAN("/healthz"), &m), ROUTE_FOUND);
    for (const struct route *r = route_table; r->pattern; r++)
        if (r->then == THEN_PAGE)
            assert_non_null(r->view);
    routes_free(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_a_route),
        cmocka_unit_test(a_literal_wins_over_a_field),
        cmocka_unit_test(a_uuid_wins_over_text_whatever_the_order_of_the_table),
        cmocka_unit_test(a_number_field_takes_digits_only),
        cmocka_unit_test(a_choice_takes_its_words_only),
        cmocka_unit_test(the_rest_of_a_path_is_one_value),
        cmocka_unit_test(values_are_decoded_after_the_path_is_cut),
        cmocka_unit_test(a_path_that_is_no_text_is_unknown),
        cmocka_unit_test(another_method_is_told_what_is_allowed),
        cmocka_unit_test(head_finds_the_get),
        cmocka_unit_test(a_missing_slash_is_noticed_and_a_needless_one_is_not_forgiven),
        cmocka_unit_test(plus_is_a_space_in_forms_only),
        cmocka_unit_test(the_table_of_the_house_compiles),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
