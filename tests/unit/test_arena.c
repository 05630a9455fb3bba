#include "arena.h"
#include "test.h"

static void what_it_gives_is_zeroed_and_aligned(void **state)
{
    struct arena *a = arena_new();
    (void)state;

    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 300; n++) {
            unsigned char *p = arena_get(a, n);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            if (n)
                memset(p, 0xff, n);
        }
        arena_reset(a);
    }
    arena_free(&a);
    assert_null(a);
    arena_free(&a);
}

static void pieces_do_not_overlap(void **state)
{
    struct arena *a = arena_new();
    unsigned char *piece[200];
    (void)state;

    for (size_t i = 0; i < 200; i++) {
        size_t n = i % 10 == 0 ? 40000 : i + 1;
        piece[i] = arena_get(a, n);
        memset(piece[i], (int)i, n);
    }
    for (size_t i = 0; i < 200; i++) {
        size_t n = i % 10 == 0 ? 40000 : i + 1;
        assert_int_equal(piece[i][0], i);
        assert_int_equal(piece[i][n - 1], i);
    }
    arena_free(&a);
}

static void a_copy_is_terminated_and_does_not_count_its_end(void **state)
{
    struct arena *a = arena_new();
    char source[] = "abc";
    struct span copy = arena_copy(a, (struct span){source, 2});
    struct span nothing = arena_copy(a, (struct span){NULL, 0});
    (void)state;

    source[0] = 'x';
    assert_int_equal(copy.n, 2);
    assert_string_equal(copy.p, "ab");
    assert_int_equal(nothing.n, 0);
    assert_string_equal(nothing.p, "");
    arena_free(&a);
}

static void printing_takes_any_length(void **state)
{
    struct arena *a = arena_new();
    char *big = arena_get(a, 100001);
    struct span s;
    (void)state;

    memset(big, 'y', 100000);
    s = arena_print(a, "%s-%d", big, 7);
    assert_int_equal(s.n, 100002);
    assert_string_equal(s.p + 99999, "y-7");
    assert_span(arena_print(a, "%s", ""), "");
    arena_free(&a);
}

static char order[8];
static void remember(void *what)
{
    strncat(order, what, sizeof order - strlen(order) - 1);
}

static void cleanups_run_once_and_last_comes_first(void **state)
{
    struct arena *a = arena_new();
    (void)state;

    order[0] = '\0';
    arena_defer(a, remember, "1");
    arena_defer(a, remember, "2");
    arena_reset(a);
    assert_string_equal(order, "21");
    arena_reset(a);
    assert_string_equal(order, "21");
    arena_defer(a, remember, "3");
    arena_free(&a);
    assert_string_equal(order, "213");
}

static void text_grows_and_keeps_what_it_has(void **state)
{
    struct arena *a = arena_new();
    struct text t = {0};
    (void)state;

    text_add(a, &t, (struct span){NULL, 0});
    assert_int_equal(text_span(&t).n, 0);
    for (int i = 0; i < 10000; i++)
        text_print(a, &t, "%04d", i);
    text_add(a, &t, SPAN("end"));
    assert_int_equal(t.n, 40003);
    assert_memory_equal(t.p + 4 * 1234, "1234", 4);
    assert_memory_equal(t.p + 40000, "end", 3);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_gives_is_zeroed_and_aligned),
        cmocka_unit_test(pieces_do_not_overlap),
        cmocka_unit_test(a_copy_is_terminated_and_does_not_count_its_end),
        cmocka_unit_test(printing_takes_any_length),
        cmocka_unit_test(cleanups_run_once_and_last_comes_first),
        cmocka_unit_test(text_grows_and_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
