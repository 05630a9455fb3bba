/* password: which are good enough, and why not. */
#include "password.h"

#include "test.h"

static const char *why(const char *password, const char *address, size_t min)
{
    return password_why_not(span_of(password), span_of(address), min);
}

static void a_few_words_are_good(void **state)
{
    (void)state;
    assert_null(why("four quiet green chairs", "ann@example.org", PASSWORD_FAMILY_MIN));
    assert_null(why("four quiet green chairs", "ann@example.org", PASSWORD_RESEARCHER_MIN));
}

static void too_short_counts_characters_not_bytes(void **state)
{
    (void)state;
    assert_non_null(why("ninechars", "ann@example.org", PASSWORD_FAMILY_MIN));
    assert_non_null(
        why("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", "ann@example.org", PASSWORD_FAMILY_MIN));
    assert_null(why("K9 zebra!x", "ann@example.org", PASSWORD_FAMILY_MIN));
    assert_non_null(why("K9 zebra!x", "ann@example.org", PASSWORD_RESEARCHER_MIN));
}

static void the_address_in_disguise_is_refused(void **state)
{
    (void)state;
    assert_non_null(why("marguerite@example.org", "marguerite@example.org", PASSWORD_FAMILY_MIN));
    assert_non_null(why("Marguerite1", "marguerite@example.org", PASSWORD_FAMILY_MIN));
    assert_non_null(why("etireugram", "marguerite@example.org", PASSWORD_FAMILY_MIN)); /* the same letters */
}

static void what_many_use_is_refused_in_any_case(void **state)
{
    (void)state;
    assert_non_null(why("1q2w3e4r5t", "ann@example.org", PASSWORD_FAMILY_MIN));
    assert_non_null(why("QWERTYUIOP", "ann@example.org", PASSWORD_FAMILY_MIN));
}

static void digits_alone_are_refused(void **state)
{
    (void)state;
    assert_non_null(why("83749283749182", "ann@example.org", PASSWORD_FAMILY_MIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_words_are_good), cmocka_unit_test(too_short_counts_characters_not_bytes),
        cmocka_unit_test(the_address_in_disguise_is_refused),
        cmocka_unit_test(what_many_use_is_refused_in_any_case), cmocka_unit_test(digits_alone_are_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
