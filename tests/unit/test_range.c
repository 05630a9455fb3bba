/* Ranges and conditions. */
#include "range.h"
#include "test.h"

static const struct span none = {NULL, 0};

static void assert_range(const char *header, uint64_t size, enum range_outcome want, uint64_t want_from,
                         uint64_t want_bytes)
{
    uint64_t from, bytes;
    enum range_outcome got = range_pick(span_of(header), size, &from, &bytes);

    if (got != want || from != want_from || bytes != want_bytes)
        fail_msg("%s of %llu: %d %llu+%llu", header, (unsigned long long)size, (int)got,
                 (unsigned long long)from, (unsigned long long)bytes);
}

static void one_range_is_a_part(void **state)
{
    (void)state;
    assert_range("bytes=0-4", 10, RANGE_PART, 0, 5);
    assert_range("bytes=5-", 10, RANGE_PART, 5, 5);
    assert_range("bytes=9-9", 10, RANGE_PART, 9, 1);
    assert_range("bytes=3-99", 10, RANGE_PART, 3, 7);
    assert_range("bytes=-3", 10, RANGE_PART, 7, 3);
    assert_range("bytes=-99", 10, RANGE_PART, 0, 10);
}

static void a_range_behind_the_end_is_unsatisfiable(void **state)
{
    (void)state;
    assert_range("bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 10);
    assert_range("bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 10);
    assert_range("bytes=0-0", 0, RANGE_UNSATISFIABLE, 0, 0);
    assert_range("bytes=-1", 0, RANGE_UNSATISFIABLE, 0, 0);
}

static void what_is_no_single_range_gets_the_whole(void **state)
{
    static const char *const odd[] = {
        "",          "bytes=",    "bytes=-",    "bytes=5-4",  "bytes=0-1,3-4",
        "items=0-1", "bytes=a-b", "bytes=0-1x", "bytes= 0-1", "bytes=99999999999999999999-"};
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_range(odd[i], 10, RANGE_WHOLE, 0, 10);
}

static void a_known_tag_is_fresh(void **state)
{
    (void)state;
    assert_true(range_is_fresh(SPAN("\"abc\""), none, SPAN("abc"), 0));
    assert_true(range_is_fresh(SPAN("\"x\", W/\"abc\" , \"y\""), none, SPAN("abc"), 0));
    assert_true(range_is_fresh(SPAN("*"), none, SPAN("abc"), 0));
    assert_false(range_is_fresh(SPAN("\"ab\""), none, SPAN("abc"), 0));
    assert_false(range_is_fresh(SPAN("abc"), none, SPAN("abc"), 0));
    assert_false(range_is_fresh(none, none, SPAN("abc"), 0));
    assert_false(range_is_fresh(SPAN("\"\""), none, none, 0));
}

#define SECOND INT64_C(1000000)
#define THEN (INT64_C(1795539900) * SECOND) /* Tue, 24 Nov 2026 17:05:00 GMT */

static void a_date_counts_when_no_tag_was_sent(void **state)
{
    struct span date = SPAN("Tue, 24 Nov 2026 17:05:00 GMT");

    (void)state;
    assert_true(range_is_fresh(none, date, none, THEN + 999999));
    assert_false(range_is_fresh(none, date, none, THEN + SECOND));
    assert_false(range_is_fresh(SPAN("\"other\""), date, SPAN("abc"), THEN));
    assert_false(range_is_fresh(none, SPAN("yesterday"), none, THEN));
}

static void a_range_of_another_state_is_not_continued(void **state)
{
    (void)state;
    assert_true(range_still_fits(none, SPAN("abc"), 0));
    assert_true(range_still_fits(SPAN("\"abc\""), SPAN("abc"), 0));
    assert_false(range_still_fits(SPAN("\"abd\""), SPAN("abc"), 0));
    assert_false(range_still_fits(SPAN("W/\"abc\""), SPAN("abc"), 0));
    assert_true(range_still_fits(SPAN("Tue, 24 Nov 2026 17:05:00 GMT"), none, THEN));
    assert_false(range_still_fits(SPAN("Tue, 24 Nov 2026 17:05:00 GMT"), none, THEN + SECOND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_range_is_a_part),
        cmocka_unit_test(a_range_behind_the_end_is_unsatisfiable),
        cmocka_unit_test(what_is_no_single_range_gets_the_whole),
        cmocka_unit_test(a_known_tag_is_fresh),
        cmocka_unit_test(a_date_counts_when_no_tag_was_sent),
        cmocka_unit_test(a_range_of_another_state_is_not_continued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
