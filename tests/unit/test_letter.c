/* letter: what travels is ASCII, folded, and has exactly the headers that we wrote. */
#include "letter.h"

#include <stdio.h>

#include "errors.h"
#include "test.h"

static struct arena *arena;

static const struct letter plain = {.from = {SPAN("Lookit"), SPAN("lookit@lab.example")},
                                    .to = {SPAN("Lookit"), SPAN("lookit@lab.example")},
                                    .subject = SPAN("Hello"),
                                    .text = SPAN("Dear Ann,\n\nall is well.\n"),
                                    .op_id = SPAN("mail:1"),
                                    .date_us = 1795539900000000};

static const char *write(struct letter l)
{
    struct span out;

    assert_int_equal(letter_write(arena, &l, &out), 0);
    return arena_copy(arena, out).p;
}

static void a_letter_is_exactly_this(void **state)
{
    struct letter l = plain;

    (void)state;
    l.reply_to = SPAN("kim@uni.example");
    assert_string_equal(write(l), "Date: Tue, 24 Nov 2026 17:05:00 +0000\r\n"
                                  "From: Lookit <lookit@lab.example>\r\n"
                                  "To: Lookit <lookit@lab.example>\r\n"
                                  "Reply-To: <kim@uni.example>\r\n"
                                  "Subject: Hello\r\n"
                                  "Message-ID: <a589ea068b57d2acc44395784a12b15b@lab.example>\r\n"
                                  "Auto-Submitted: auto-generated\r\n"
                                  "MIME-Version: 1.0\r\n"
                                  "Content-Type: text/plain; charset=utf-8\r\n"
                                  "Content-Transfer-Encoding: quoted-printable\r\n"
                                  "\r\n"
                                  "Dear Ann,\r\n"
                                  "\r\n"
                                  "all is well.\r\n");
}

static void the_same_operation_is_the_same_letter_and_another_is_not(void **state)
{
    struct letter l = plain;
    const char *first = write(l);

    (void)state;
    assert_string_equal(write(l), first);
    l.op_id = SPAN("mail:2");
    assert_string_not_equal(write(l), first);
}

static void no_value_becomes_a_header(void **state)
{
    struct letter l = plain;
    const char *t;

    (void)state;
    l.subject = SPAN("Hi\r\nBcc: eve@example.org\r\n\r\nBody");
    l.from.name = SPAN("Lab\nX-Evil: 1");
    t = write(l);
    assert_null(strstr(t, "\nBcc"));
    assert_null(strstr(t, "\nX-Evil"));
    assert_non_null(strstr(t, "\r\nSubject: Hi  Bcc: eve@example.org    Body\r\n"));
    l = plain;
    l.text = SPAN("a\rb\r\nc\n.\n\xc3\xa9=\x01 \n");
    assert_non_null(strstr(write(l), "\r\n\r\na\r\nb\r\nc\r\n.\r\n=C3=A9=3D=01=20\r\n"));
}

static void addresses_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "ann",
                                      "@example.org",
                                      "ann@",
                                      "a@b@c",
                                      "ann@example.org>",
                                      "a nn@example.org",
                                      "ann@example.org\r\nBcc: eve@example.org",
                                      "ann,eve@example.org",
                                      "\"ann\"@example.org",
                                      "ann@[127.0.0.1]",
                                      "anné@example.org"};
    struct letter l = plain;
    struct span out;
    char longer[300];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (address_is_good(span_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
    memset(longer, 'a', sizeof longer);
    longer[100] = '@';
    assert_false(address_is_good((struct span){longer, 255}));
    assert_true(address_is_good((struct span){longer, 254}));
    assert_true(address_is_good(SPAN("o'brien+lab_1@sub.example.org")));
    l.reply_to = SPAN("kim@uni.example\nBcc: eve@example.org");
    assert_int_equal(letter_write(arena, &l, &out), ERR_INVALID);
}

static void a_sender_is_an_address_or_a_name_and_an_address(void **state)
{
    struct mailbox m;

    (void)state;
    assert_int_equal(mailbox_read(SPAN(" Early Minds <lab@uni.example> "), &m), 0);
    assert_span(m.name, "Early Minds");
    assert_span(m.address, "lab@uni.example");
    assert_int_equal(mailbox_read(SPAN("lab@uni.example"), &m), 0);
    assert_span(m.name, "");
    assert_int_equal(mailbox_read(SPAN("<lab@uni.example>"), &m), 0);
    assert_int_equal(mailbox_read(SPAN("Lab <lab>"), &m), ERR_INVALID);
    assert_int_equal(mailbox_read(SPAN("Lab <>"), &m), ERR_INVALID);
    assert_int_equal(mailbox_read(SPAN(">"), &m), ERR_INVALID);
    assert_int_equal(mailbox_read(SPAN("<"), &m), ERR_INVALID);
    assert_int_equal(mailbox_read(SPAN("   "), &m), ERR_INVALID);
}

/* Every line of the head fits, every encoded word is whole characters. */
static void long_and_foreign_subjects_are_folded_between_characters(void **state)
{
    struct letter l = plain;
    struct text t = {0};
    const char *line, *end;

    (void)state;
    for (int i = 0; i < 60; i++)
        text_add(arena, &t, SPAN("größe👶 "));
    l.subject = text_span(&t);
    for (line = write(l); (end = strstr(line, "\r\n")) != line; line = end + 2)
        assert_true(end - line <= 76);
    l.subject = SPAN("Größe =?x?=");
    assert_non_null(strstr(write(l), "\r\nSubject: =?utf-8?B?R3LDtsOfZSA9P3g/PQ==?=\r\n"));
    l.from.name = SPAN("Größe");
    assert_non_null(strstr(write(l), "\r\nFrom: =?utf-8?B?R3LDtsOfZQ==?=\r\n <lookit@lab.example>\r\n"));
    l.subject = SPAN("=?utf-8?Q?fake?=");
    assert_null(strstr(write(l), "fake"));
    l.subject = SPAN("");
    assert_non_null(strstr(write(l), "\r\nSubject: \r\n"));
}

static void long_lines_are_broken_softly(void **state)
{
    struct letter l = plain;
    char text[200];
    const char *line, *end;

    (void)state;
    memset(text, '=', sizeof text);
    l.text = (struct span){text, sizeof text};
    line = strstr(write(l), "\r\n\r\n") + 4;
    for (; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        assert_true(end - line <= 76);
        assert_true(end[2] == '\0' || end[-1] == '=');
    }
}

static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_is_exactly_this),
        cmocka_unit_test(the_same_operation_is_the_same_letter_and_another_is_not),
        cmocka_unit_test(no_value_becomes_a_header),
        cmocka_unit_test(addresses_that_are_none_are_refused),
        cmocka_unit_test(a_sender_is_an_address_or_a_name_and_an_address),
        cmocka_unit_test(long_and_foreign_subjects_are_folded_between_characters),
        cmocka_unit_test(long_lines_are_broken_softly),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
