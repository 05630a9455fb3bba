/* wire_text: messages as JSON, fields from text and from JSON. */
#include "test.h"

#include "errors.h"
#include "everything.h"
#include "json_reader.h"
#include "messages.h"
#include "wire.h"

static struct arena *arena;

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

static void *example_of(const struct message *m)
{
    void *body = arena_get(arena, m->size);

    for (size_t i = 0; i < m->field_n; i++) {
        const char *why = "";
        if (wire_field_from_text(arena, &m->field[i], span_of(m->field[i].eg), body, &why))
            fail_msg("%s.%s: its example \"%s\" does not fit: %s", m->name, m->field[i].name, m->field[i].eg,
                     why);
    }
    return body;
}

static struct span packed(const struct message *m, const void *body)
{
    const struct field *bad = NULL;
    struct span out = {0};

    if (wire_pack(arena, m, body, &out, &bad))
        fail_msg("%s does not pack: %s", m->name, bad ? bad->name : "");
    return out;
}

/* example -> struct -> bytes -> struct -> JSON -> struct -> the same bytes */
static void goes_round(const struct message *m)
{
    struct span bytes = packed(m, example_of(m)), json, again;
    void *read = arena_get(arena, m->size), *from_json = arena_get(arena, m->size);

    assert_int_equal(wire_unpack(arena, m, bytes, read, NULL), 0);
    json = wire_json(arena, m, read, false);
    assert_int_equal(json_valid(json, NULL, NULL), 0);
    for (size_t i = 0; i < m->field_n; i++) {
        struct span value;
        const char *why = "";
        assert_int_equal(json_member(json, m->field[i].name, &value), 0);
        if (wire_field_from_json(arena, &m->field[i], value, from_json, &why))
            fail_msg("%s.%s: %.*s: %s", m->name, m->field[i].name, (int)value.n, value.p, why);
    }
    again = packed(m, from_json);
    assert_int_equal(again.n, bytes.n);
    assert_memory_equal(again.p, bytes.p, bytes.n);
    assert_true(bytes.n <= wire_size_max(m));
}

static void every_message_goes_round_from_its_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < messages_n; i++)
        goes_round(messages[i]);
    goes_round(&MESSAGE_everything);
    goes_round(&WIRE_ENVELOPE);
}

static void private_fields_are_masked_and_others_are_not(void **state)
{
    const void *body = example_of(&MESSAGE_everything);

    (void)state;
    assert_span(
        wire_json(arena, &MESSAGE_everything, body, true),
        "{\"tiny\":200,\"small\":65535,\"middle\":4294967295,\"large\":18446744073709551615,"
        "\"whole\":-9223372036854775807,\"yes\":true,\"text\":\"Größe, €, 👶\",\"bytes\":\"00ff10\","
        "\"id\":\"0d3f0000-0000-4000-8000-00000000000a\",\"at\":\"2026-11-24T17:05:00.250000Z\","
        "\"doc\":{\"a\":[1,2.50,null]},\"words\":[\"one\",\"two\",\"three\"],"
        "\"ids\":[\"0d3f0000-0000-4000-8000-00000000000b\"],\"spare\":9,\"secret\":\"…\",\"numbers\":\"…\"}");
}

static void json_that_is_none_is_shown_as_text(void **state)
{
    struct reply_doc body = {SPAN("{\"a\":")};

    (void)state;
    assert_span(wire_json(arena, &MESSAGE_reply_doc, &body, false), "{\"doc\":\"{\\\"a\\\":\"}");
}

static void bad_text_is_refused_with_a_sentence(void **state)
{
    static const struct {
        const char *field, *text, *why;
    } table[] = {
        {"tiny", "", "Please give a whole number."},
        {"tiny", "x", "Please give a whole number."},
        {"tiny", "+1", "Please give a whole number."},
        {"tiny", "-1", "Please give a whole number."},
        {"tiny", "1.0", "Please give a whole number."},
        {"tiny", " 1", "Please give a whole number."},
        {"tiny", "201", "Please give a number up to 200."},
        {"tiny", "256", "Please give a number up to 200."},
        {"large", "18446744073709551616", "Please give a number up to 18446744073709551615."},
        {"whole", "9223372036854775808", "Please give a number up to 9223372036854775807."},
        {"whole", "-9223372036854775808", "Please give a number not below -9223372036854775807."},
        {"whole", "-", "Please give a whole number."},
        {"yes", "maybe", "Please say true or false."},
        {"text", "12345678901234567890123456789012345678901", "This is too long: at most 40 bytes fit."},
        {"text", "\xff", "This holds characters that are no valid UTF-8 text."},
        {"bytes", "0", "Please give pairs of hexadecimal digits."},
        {"bytes", "0g", "Please give pairs of hexadecimal digits."},
        {"bytes", "0011223344", "This is too long: at most 4 bytes fit."},
        {"id", "0d3f", "This is no valid id."},
        {"at", "yesterday", "Please give a date like 2026-11-24 or a time like 2026-11-24T17:05:00Z."},
        {"doc", "{\n\"a\":1,}",
         "Line 2, column 7: the comma before this closing bracket has nothing after it; please remove the "
         "comma."},
        {"doc", "\"\\u0000\"", "Line 1, column 2: the character \\u0000 cannot be stored; please remove it."},
        {"words", "a,b,c,d", "Please give at most 3 of these."},
        {"words", "a,12345678901", "This is too long: at most 10 bytes fit."},
        {"ids", "x", "This is no valid id."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct everything body = {0};
        const char *why = "";
        const struct field *f = message_field(&MESSAGE_everything, span_of(table[i].field));
        assert_int_equal(wire_field_from_text(arena, f, span_of(table[i].text), &body, &why), ERR_INVALID);
        assert_string_equal(why, table[i].why);
    }
}

static void bad_json_is_refused_with_a_sentence(void **state)
{
    static const struct {
        const char *field, *json, *why;
    } table[] = {
        {"tiny", "true", "Please give a whole number."},
        {"tiny", "1e2", "Please give a whole number."},
        {"tiny", "null", "Please give a value."},
        {"tiny", "[1]", "Please give a whole number."},
        {"yes", "1", "Please say true or false."},
        {"text", "1", "Please give text in quotes."},
        {"text", "{}", "Please give text in quotes."},
        {"text", "\"a", "this text starts with a double quote, but its closing quote is missing"},
        {"words", "\"a\"", "Please give a list in square brackets."},
        {"words", "[[\"a\"]]", "Please give text in quotes."},
        {"words", "[\"a\",1]", "Please give text in quotes."},
        {"spare", "10", "Please give a number up to 9."},
        {"doc", "nul",
         "Line 1, column 1: this word is not JSON; only true, false and null may stand without quotes."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct everything body = {0};
        const char *why = "";
        const struct field *f = message_field(&MESSAGE_everything, span_of(table[i].field));
        assert_int_equal(wire_field_from_json(arena, f, span_of(table[i].json), &body, &why), ERR_INVALID);
        assert_string_equal(why, table[i].why);
    }
}

static void json_values_keep_every_digit_and_character(void **state)
{
    struct everything body = {0};
    const char *why;

#define FROM_JSON(name, value)                                                                   \
    assert_int_equal(wire_field_from_json(arena, message_field(&MESSAGE_everything, SPAN(name)), \
                                          SPAN(value), &body, &why),                             \
                     0)
    (void)state;
    FROM_JSON("large", "18446744073709551615");
    assert_true(body.large == UINT64_MAX);
    FROM_JSON("large", "\"7\"");
    assert_true(body.large == 7);
    FROM_JSON("text", "\"a\\u00e4,\\n\\ud83d\\udc76\"");
    assert_span(body.text, "aä,\n👶");
    FROM_JSON("text", "\"\"");
    assert_int_equal(body.text.n, 0);
    FROM_JSON("doc", "null");
    assert_span(body.doc, "null");
    FROM_JSON("doc", " {\"n\": 1.10} ");
    assert_span(body.doc, " {\"n\": 1.10} ");
    FROM_JSON("spare", "9");
    assert_true(body.has_spare);
    FROM_JSON("spare", "null");
    assert_false(body.has_spare);
    FROM_JSON("words", "[\"a,b\", \"\"]");
    assert_int_equal(body.words.n, 2);
    assert_span(((const struct span *)body.words.items)[0], "a,b");
    FROM_JSON("words", "[]");
    assert_int_equal(body.words.n, 0);
#undef FROM_JSON
}

static void lists_grow_one_by_one_up_to_their_bound(void **state)
{
    const struct field *f = message_field(&MESSAGE_everything, SPAN("numbers"));
    struct everything body = {0};
    const char *why;

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct span text = arena_print(arena, "%d", i - 50);
        assert_int_equal(wire_list_add(arena, f, text, &body, &why), 0);
    }
    assert_true(body.has_numbers);
    for (int i = 0; i < 100; i++)
        assert_int_equal(((const int64_t *)body.numbers.items)[i], i - 50);
    assert_int_equal(wire_list_add(arena, f, SPAN("1"), &body, &why), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_message_goes_round_from_its_example, setup, teardown),
        cmocka_unit_test_setup_teardown(private_fields_are_masked_and_others_are_not, setup, teardown),
        cmocka_unit_test_setup_teardown(json_that_is_none_is_shown_as_text, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_text_is_refused_with_a_sentence, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_json_is_refused_with_a_sentence, setup, teardown),
        cmocka_unit_test_setup_teardown(json_values_keep_every_digit_and_character, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_grow_one_by_one_up_to_their_bound, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
