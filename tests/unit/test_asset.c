/* asset: what pages link to is there, in its forms. */
#include "asset.h"
#include "json.h"
#include "test.h"

static void every_name_that_views_use_leads_to_a_file(void **state)
{
    static const char *const names[] = {"site_css", "site_js", "editor_js", "outbox_js", "icon_svg"};
    struct arena *a = arena_new();
    const struct json *all;

    (void)state;
    assert_int_equal(json_parse(a, span_of(asset_names), &all, NULL), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct asset *found = asset_find(json_string(json_get(all, names[i])));
        if (found == NULL)
            fail_msg("%s is missing", names[i]);
        assert_true(found->bytes.n > 100);
        assert_int_equal(strlen(found->sha256), 64);
        assert_int_equal(found->bytes.p[found->bytes.n], 0);
    }
    arena_free(&a);
}

static void compressed_forms_are_smaller_and_look_like_what_they_are(void **state)
{
    size_t n = 0, packed = 0;

    (void)state;
    for (const struct asset *a = assets; a->path != NULL; a++, n++) {
        if (a->gzip.n > 0) {
            assert_true(a->gzip.n < a->bytes.n);
            assert_memory_equal(a->gzip.p, "\x1f\x8b", 2);
            packed++;
        }
        assert_true(a->brotli.n < a->bytes.n);
    }
    assert_true(n > packed && packed >= 4); /* fonts are packed already */
}

static void an_unknown_path_has_no_file(void **state)
{
    (void)state;
    assert_non_null(asset_find(SPAN("/demo/img/ball.svg"))); /* stays where the demonstration's protocol names it */
    assert_null(asset_find(SPAN("/demo/img/bat.svg")));
    assert_null(asset_find(SPAN("/static/")));
    assert_null(asset_find(SPAN("/static/AAAA/site.js")));
    assert_null(asset_find((struct span){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_that_views_use_leads_to_a_file),
        cmocka_unit_test(compressed_forms_are_smaller_and_look_like_what_they_are),
        cmocka_unit_test(an_unknown_path_has_no_file),
    };
    return cmocka_run_group_tests_name("asset", tests, NULL, NULL);
}
