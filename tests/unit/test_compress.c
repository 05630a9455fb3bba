/* What clients accept, and that it comes out again. */
#include <stdlib.h>

#include "compress.h"
#include "test.h"

static void the_best_that_is_accepted_is_picked(void **state)
{
    (void)state;
    assert_int_equal(coding_pick(SPAN("gzip, deflate, br")), CODING_BR);
    assert_int_equal(coding_pick(SPAN("BR;q=0, gzip;q=0.5")), CODING_GZIP);
    assert_int_equal(coding_pick(SPAN("gzip;q=0.0, br ; q=0")), CODING_NONE);
    assert_int_equal(coding_pick(SPAN("brx, xgzip")), CODING_NONE);
    assert_int_equal(coding_pick((struct span){NULL, 0}), CODING_NONE);
}

static void text_gets_smaller_and_small_or_random_text_stays(void **state)
{
    struct arena *a = arena_new();
    static char page[20000];
    struct span out;

    (void)state;
    memset(page, 'a', sizeof page);
    for (enum coding c = CODING_GZIP; c <= CODING_BR; c++) {
        assert_true(compress_text(a, c, (struct span){page, sizeof page}, &out));
        assert_true(out.n < 500);
        assert_false(compress_text(a, c, (struct span){page, COMPRESS_MIN - 1}, &out));
    }
    assert_false(compress_text(a, CODING_NONE, (struct span){page, sizeof page}, &out));
    for (size_t i = 0, seed = 1; i < sizeof page;
         i++, seed = seed * 6364136223846793005u + 1442695040888963407u)
        page[i] = (char)(seed >> 56);
    assert_false(compress_text(a, CODING_GZIP, (struct span){page, sizeof page}, &out));
    arena_free(&a);
}

static void gzip_is_gzip(void **state)
{
    struct arena *a = arena_new();
    static char page[5000];
    struct span out;

    (void)state;
    memset(page, 'a', sizeof page);
    assert_true(compress_text(a, CODING_GZIP, (struct span){page, sizeof page}, &out));
    assert_memory_equal(out.p, "\x1f\x8b\x08", 3);
    /* RFC 1952 2.3.1: the length stands in the last four bytes */
    assert_memory_equal(out.p + out.n - 4, "\x88\x13\0\0", 4);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_that_is_accepted_is_picked),
        cmocka_unit_test(text_gets_smaller_and_small_or_random_text_stays),
        cmocka_unit_test(gzip_is_gzip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
