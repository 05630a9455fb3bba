#include "clock.h"

#include <time.h>

#include "errors.h"
#include "test.h"

#define S ((int64_t)1000000)

static void assert_time(const char *text, int64_t want)
{
    int64_t got = 0;

    if (clock_parse(span_of(text), &got) != 0)
        fail_msg("refused: %s", text);
    if (got != want)
        fail_msg("%s: got %lld, want %lld", text, (long long)got, (long long)want);
}

static void times_are_written_as_rfc3339(void **state)
{
    char out[32];
    (void)state;

    assert_int_equal(clock_rfc3339(0, out), 27);
    assert_string_equal(out, "1970-01-01T00:00:00.000000Z");
    clock_rfc3339(-1, out);
    assert_string_equal(out, "1969-12-31T23:59:59.999999Z");
    clock_rfc3339(951782400 * S + 5, out);
    assert_string_equal(out, "2000-02-29T00:00:00.000005Z");
    clock_rfc3339(INT64_MAX, out);
    assert_string_equal(out, "9999-12-31T23:59:59.999999Z");
    clock_rfc3339(INT64_MIN, out);
    assert_string_equal(out, "0000-01-01T00:00:00.000000Z");
}

static void the_calendar_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -700000; day < 2900000; day += 97) {
        time_t t = (time_t)(day * 86400 + day % 86400 * (day < 0 ? -1 : 1));
        char got[32], want[64];
        struct tm tm;
        int64_t back;
        assert_non_null(gmtime_r(&t, &tm));
        strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        if (tm.tm_year + 1900 < 1000)
            continue; /* strftime does not pad */
        clock_http(t * S, got);
        assert_string_equal(got, want);
        assert_int_equal(clock_http_parse(span_of(got), &back), 0);
        assert_int_equal(back, t * S);
        clock_rfc3339(t * S, got);
        assert_time(got, t * S);
    }
}

static void offsets_fractions_and_dates_are_understood(void **state)
{
    (void)state;
    assert_time("1985-04-12T23:20:50.52Z", 482196050 * S + 520000); /* the examples of RFC 3339 5.8 */
    assert_time("1996-12-19T16:39:57-08:00", 851042397 * S);
    assert_time("1990-12-31T23:59:60Z", 662688000 * S);
    assert_time("1990-12-31T15:59:60-08:00", 662688000 * S);
    assert_time("1937-01-01T12:00:27.87+00:20", -1041337173 * S + 870000);
    assert_time("2026-11-24", 1795478400 * S);
    assert_time("2026-11-24t17:05:00z", 1795539900 * S);
    assert_time("2026-11-24 17:05:00.123456789+00:00", 1795539900 * S + 123456);
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-1-01",
                                      "2026-13-01",
                                      "2026-00-10",
                                      "2026-02-29",
                                      "1900-02-29",
                                      "2026-04-31",
                                      "2026-01-00",
                                      "26-01-01",
                                      "2026/01/01",
                                      " 2026-01-01",
                                      "2026-01-01 ",
                                      "2026-01-01T",
                                      "2026-01-01T10:00",
                                      "2026-01-01T10:00:00",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T10:60:00Z",
                                      "2026-01-01T10:00:61Z",
                                      "2026-01-01T10:00:00.Z",
                                      "2026-01-01T10:00:00+0100",
                                      "2026-01-01T10:00:00+24:00",
                                      "2026-01-01T10:00:00+01:60",
                                      "2026-01-01T10:00:00Zx",
                                      "2026-01-01T10:00:00ZZ",
                                      "-026-01-01",
                                      "２026-01-01",
                                      "2026-01-01T10:00:00+01"};
    int64_t us = 42;
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (clock_parse(span_of(bad[i]), &us) != ERR_MALFORMED)
            fail_msg("accepted: %s", bad[i]);
    assert_int_equal(clock_parse((struct span){"2026-01-01\0", 11}, &us), ERR_MALFORMED);
    assert_int_equal(clock_parse((struct span){NULL, 0}, &us), ERR_MALFORMED);
    assert_int_equal(us, 42);
}

static void only_the_preferred_http_date_is_read(void **state)
{
    static const char *const bad[] = {"",
                                      "Sunday, 06-Nov-94 08:49:37 GMT",
                                      "Sun Nov  6 08:49:37 1994",
                                      "Sun, 06 Nov 1994 08:49:37 UTC",
                                      "Sun, 06 Nov 1994 08:49:37 GMT ",
                                      "Sun, 31 Feb 1994 08:49:37 GMT",
                                      "Sun, 06 nov 1994 08:49:37 GMT"};
    int64_t us;
    (void)state;

    assert_int_equal(clock_http_parse(SPAN("Sun, 06 Nov 1994 08:49:37 GMT"), &us), 0); /* RFC 9110 5.6.7 */
    assert_int_equal(us, 784111777 * S);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(clock_http_parse(span_of(bad[i]), &us), ERR_MALFORMED);
}

static void a_frozen_clock_stands_still_but_deadlines_go_on(void **state)
{
    int64_t before = clock_mono_us();
    (void)state;

    clock_freeze(5 * S);
    assert_int_equal(clock_us(), 5 * S);
    assert_true(clock_mono_us() >= before);
    clock_freeze(0);
    assert_true(clock_us() > 1700000000 * S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_as_rfc3339),
        cmocka_unit_test(the_calendar_agrees_with_the_c_library),
        cmocka_unit_test(offsets_fractions_and_dates_are_understood),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(only_the_preferred_http_date_is_read),
        cmocka_unit_test(a_frozen_clock_stands_still_but_deadlines_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
