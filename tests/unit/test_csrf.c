/* Form tokens: bound to a session, masked on pages, never made up. */
#include "crypt.h"
#include "csrf.h"
#include "test.h"

static const uint8_t key[32] = {1, 2, 3};
static const uint8_t other_key[32] = {1, 2, 4};
static const struct span ann = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32};
static const struct span bob = {"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 32};
static const struct span nobody = {NULL, 0};

static struct span made(struct span session)
{
    static char token[CSRF_TOKEN + 1];

    csrf_make(key, session, token);
    return (struct span){token, CSRF_TOKEN};
}

static int start(void **state)
{
    (void)state;
    crypt_init();
    return 0;
}

static void a_token_is_thirty_two_letters_and_digits(void **state)
{
    struct span t = made(ann);

    (void)state;
    assert_int_equal(strspn(t.p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
                     CSRF_TOKEN);
    assert_int_equal(strlen(t.p), CSRF_TOKEN);
}

static void a_token_belongs_to_its_session_and_key(void **state)
{
    struct span t = made(ann);

    (void)state;
    assert_true(csrf_is_ours(key, ann, t));
    assert_false(csrf_is_ours(key, bob, t));
    assert_false(csrf_is_ours(key, nobody, t));
    assert_false(csrf_is_ours(other_key, ann, t));
    assert_true(csrf_is_ours(key, nobody, made(nobody)));
}

static void a_token_with_one_letter_changed_is_nobodys(void **state)
{
    char t[CSRF_TOKEN + 1];

    (void)state;
    for (size_t i = 0; i < CSRF_TOKEN; i++) {
        csrf_make(key, ann, t);
        t[i] = t[i] == 'x' ? 'y' : 'x';
        assert_false(csrf_is_ours(key, ann, (struct span){t, CSRF_TOKEN}));
    }
    assert_false(csrf_is_ours(key, ann, (struct span){t, CSRF_TOKEN - 1}));
    assert_false(csrf_is_ours(key, ann, nobody));
}

static void the_mask_differs_each_time_and_comes_off(void **state)
{
    struct span t = made(ann);
    char one[CSRF_MASKED + 1], two[CSRF_MASKED + 1];

    (void)state;
    csrf_mask(t.p, one);
    csrf_mask(t.p, two);
    assert_string_not_equal(one, two);
    assert_true(csrf_is_same(t, (struct span){one, CSRF_MASKED}));
    assert_true(csrf_is_same(t, (struct span){two, CSRF_MASKED}));
    assert_true(csrf_is_same(t, t));
}

static void what_does_not_match_the_cookie_is_refused(void **state)
{
    char cookie[CSRF_TOKEN + 1], masked[CSRF_MASKED + 1];

    (void)state;
    csrf_make(key, ann, cookie);
    csrf_mask(made(ann).p, masked);
    assert_false(csrf_is_same((struct span){cookie, CSRF_TOKEN}, (struct span){masked, CSRF_MASKED}));
    csrf_mask(cookie, masked);
    masked[3] = '-';
    assert_false(csrf_is_same((struct span){cookie, CSRF_TOKEN}, (struct span){masked, CSRF_MASKED}));
    assert_false(csrf_is_same((struct span){cookie, CSRF_TOKEN}, nobody));
    assert_false(csrf_is_same(nobody, nobody));
    assert_false(csrf_is_same(SPAN(""), SPAN("")));
}

static void the_mask_is_the_one_that_older_clients_make(void **state)
{
    /* mask "b…": place 1; cipher = place + 1 */
    char masked[CSRF_MASKED];

    (void)state;
    memset(masked, 'b', CSRF_TOKEN);
    memcpy(masked + CSRF_TOKEN, "bcdefghijklmnopqrstuvwxyzABCDEFG", CSRF_TOKEN);
    assert_true(csrf_is_same(SPAN("abcdefghijklmnopqrstuvwxyzABCDEF"), (struct span){masked, CSRF_MASKED}));
}

static void another_origin_is_refused(void **state)
{
    (void)state;
    assert_true(csrf_origin_is_ours(SPAN("http://a:80"), SPAN("http://a:80"), nobody));
    assert_false(csrf_origin_is_ours(SPAN("http://a:80"), SPAN("http://a"), nobody));
    assert_false(csrf_origin_is_ours(SPAN("http://a"), SPAN("null"), nobody));
    assert_false(csrf_origin_is_ours(SPAN("http://a"), SPAN(""), nobody));
    assert_true(csrf_origin_is_ours(SPAN("http://a"), nobody, nobody));
    assert_false(csrf_origin_is_ours(SPAN("https://a"), nobody, nobody));
    assert_true(csrf_origin_is_ours(SPAN("https://a"), nobody, SPAN("https://a/x")));
    assert_false(csrf_origin_is_ours(SPAN("https://a"), nobody, SPAN("https://a.evil/x")));
    assert_false(csrf_origin_is_ours(SPAN("https://a"), nobody, SPAN("https://a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_thirty_two_letters_and_digits),
        cmocka_unit_test(a_token_belongs_to_its_session_and_key),
        cmocka_unit_test(a_token_with_one_letter_changed_is_nobodys),
        cmocka_unit_test(the_mask_differs_each_time_and_comes_off),
        cmocka_unit_test(what_does_not_match_the_cookie_is_refused),
        cmocka_unit_test(the_mask_is_the_one_that_older_clients_make),
        cmocka_unit_test(another_origin_is_refused),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
