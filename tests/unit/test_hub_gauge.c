/* hub_gauge: rates and latencies in a few kilobytes. */
#include "test.h"

#include "errors.h"
#include "hub_gauge.h"

static void percentiles_are_within_a_quarter_of_the_truth(void **state)
{
    struct gauge g = {0};

    (void)state;
    for (int64_t us = 1; us <= 10000; us++)
        gauge_add(&g, 1000, 0, us);
    assert_in_range(gauge_recent_us(&g, 1000, 50), 5000, 6250);
    assert_in_range(gauge_recent_us(&g, 1000, 99), 9900, 12400);
    assert_int_equal(gauge_count(&g), 10000);
    assert_int_equal(gauge_count_below(&g, 4096), 4095);
    assert_int_equal(g.by_err[0], 10000);
}

static void any_latency_has_its_step(void **state)
{
    struct gauge g = {0};

    (void)state;
    gauge_add(&g, 1000, ERR_LATE, 0);
    gauge_add(&g, 1000, ERR_LATE, INT64_MAX);
    gauge_add(&g, 1000, 999, -1); /* refused at once */
    assert_int_equal(gauge_count(&g), 2);
    assert_int_equal(g.by_err[ERR_LATE], 2);
    assert_int_equal(g.by_err[ERR_BUG], 1);
}

static void old_latencies_are_forgotten_after_a_minute(void **state)
{
    struct gauge g = {0};

    (void)state;
    gauge_add(&g, 60000, 0, 100);
    assert_true(gauge_recent_us(&g, 60000 + 59999, 50) > 0);
    assert_int_equal(gauge_recent_us(&g, 60000 + 60000, 50), 0);
    gauge_add(&g, 200000, 0, 100);
    assert_int_equal(gauge_recent_us(&g, 400000, 50), 0);
    assert_int_equal(gauge_count(&g), 2);
}

static void the_rate_is_of_the_last_ten_seconds(void **state)
{
    struct gauge g = {0};

    (void)state;
    for (int second = 0; second < 20; second++)
        for (int i = 0; i < 7; i++)
            gauge_add(&g, 100000 + second * 1000, 0, 10);
    assert_true(gauge_rate(&g, 120000) == 7.0);
    assert_true(gauge_rate(&g, 125000) == 3.5);
    assert_true(gauge_rate(&g, 131000) == 0.0);
    assert_true(gauge_rate(&g, 999000) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_within_a_quarter_of_the_truth),
        cmocka_unit_test(any_latency_has_its_step),
        cmocka_unit_test(old_latencies_are_forgotten_after_a_minute),
        cmocka_unit_test(the_rate_is_of_the_last_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
