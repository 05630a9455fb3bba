/* utf8: what counts as text. */
#include "test.h"

#include "utf8.h"

static bool is_text(const char *bytes, size_t n)
{
    return utf8_is_text((struct span){bytes, n});
}

static void text_of_all_lengths_is_text(void **state)
{
    (void)state;
    assert_true(is_text("", 0));
    assert_true(is_text("plain text of more than eight characters", 40));
    assert_true(is_text("Gr\xc3\xbc\xc3\x9f"
                        "e, \xe2\x82\xac, \xf0\x9f\x91\xb6 and so on",
                        27));
    assert_true(is_text("\xf4\x8f\xbf\xbf", 4));
}

static void what_is_no_character_is_refused(void **state)
{
    static const char *const bad[] = {
        "\x80", "\xc3",    "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xff", "\xe2\x82"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char in_a_word[32] = "12345678";
        assert_false(is_text(bad[i], strlen(bad[i])));
        memcpy(in_a_word + 6, bad[i], strlen(bad[i]));
        assert_false(is_text(in_a_word, 6 + strlen(bad[i])));
    }
}

static void a_zero_is_refused_wherever_it_stands(void **state)
{
    char text[24];

    (void)state;
    for (size_t at = 0; at < sizeof text; at++) {
        memset(text, 'a', sizeof text);
        text[at] = 0;
        assert_false(is_text(text, sizeof text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_all_lengths_is_text),
        cmocka_unit_test(what_is_no_character_is_refused),
        cmocka_unit_test(a_zero_is_refused_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
