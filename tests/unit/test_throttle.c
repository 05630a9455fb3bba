/* throttle: who guesses too often, and for how long. */
#include "throttle.h"

#include <stdio.h>

#include "test.h"

static void full_after_as_many_as_allowed_and_only_that_key(void **state)
{
    struct throttle *t = throttle_new();

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_false(throttle_is_full(t, SPAN("ann"), 3, 1000));
        throttle_count(t, SPAN("ann"), 1000);
    }
    assert_true(throttle_is_full(t, SPAN("ann"), 3, 1000));
    assert_false(throttle_is_full(t, SPAN("bob"), 3, 1000));
    throttle_free(&t);
    assert_null(t);
}

static void another_case_is_the_same_address(void **state)
{
    struct throttle *t = throttle_new();

    (void)state;
    throttle_count(t, SPAN("ann@example.org"), 1);
    throttle_count(t, SPAN("Ann@Example.ORG"), 1);
    assert_true(throttle_is_full(t, SPAN("aNN@example.org"), 2, 2));
    throttle_forget(t, SPAN("ANN@example.org"));
    assert_false(throttle_is_full(t, SPAN("ann@example.org"), 1, 2));
    throttle_free(&t);
}

static void the_window_ends(void **state)
{
    struct throttle *t = throttle_new();

    (void)state;
    throttle_count(t, SPAN("ann"), 1000);
    assert_true(throttle_is_full(t, SPAN("ann"), 1, 1000 + THROTTLE_WINDOW_MS - 1));
    assert_false(throttle_is_full(t, SPAN("ann"), 1, 1000 + THROTTLE_WINDOW_MS));
    throttle_count(t, SPAN("ann"), 1000 + THROTTLE_WINDOW_MS);
    assert_false(throttle_is_full(t, SPAN("ann"), 2, 1000 + THROTTLE_WINDOW_MS));
    throttle_free(&t);
}

static void a_right_password_wipes_the_slate(void **state)
{
    struct throttle *t = throttle_new();

    (void)state;
    throttle_count(t, SPAN("ann"), 1);
    throttle_forget(t, SPAN("ann"));
    throttle_forget(t, SPAN("nobody"));
    assert_false(throttle_is_full(t, SPAN("ann"), 1, 2));
    throttle_free(&t);
}

static void a_flood_of_keys_stays_in_its_bounds_and_the_newest_counts(void **state)
{
    struct throttle *t = throttle_new();
    char key[32];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(key, sizeof key, "guess%d", i);
        throttle_count(t, span_of(key), i / 100);
    }
    assert_true(throttle_is_full(t, span_of(key), 1, 1000));
    throttle_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_after_as_many_as_allowed_and_only_that_key),
        cmocka_unit_test(another_case_is_the_same_address), cmocka_unit_test(the_window_ends),
        cmocka_unit_test(a_right_password_wipes_the_slate),
        cmocka_unit_test(a_flood_of_keys_stays_in_its_bounds_and_the_newest_counts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
