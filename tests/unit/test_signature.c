/* What is signed of a video notice, to the byte; both vectors of the spec of the API, 11.1. */
#include "signature.h"

#include "crypt.h"
#include "errors.h"
#include "test.h"

#define KEY SPAN("sixteen-tigers-walk-home")
#define NAME                                                                                              \
    "videoStream_e1a7c3b9-2d4f-4c86-a5b0-7f8e9d0c1b2a_3-my-consent_7d3f9a21-6b5c-4e8d-8f10-a2b4c6d8e0f1_" \
    "1714567890123_042.webm"

static struct arena *arena;

static const char *text(const char *document)
{
    struct span out;

    assert_int_equal(signature_text(arena, span_of(document), &out), 0);
    return arena_copy(arena, out).p;
}

static bool is_right(const char *document, const char *sent)
{
    return signature_is_right(arena, KEY, span_of(document), span_of(sent));
}

static void the_first_vector_holds_whatever_the_document_looks_like(void **state)
{
    static const char plain[] =
        "{\"data\":{\"type\":\"videos\",\"attributes\":{\"pipe_name\":null,\"pipe_numeric_id\":null,"
        "\"frame_id\":\"3-my-consent\",\"full_name\":\"" NAME
        "\",\"s3_timestamp\":\"2024-05-01T12:51:30.123Z\","
        "\"is_consent_footage\":true,\"pk\":null},\"relationships\":{\"study\":{\"data\":null}}}}";
    static const char dashed[] = "{ \"data\" : { \"type\":\"videos\", \"attributes\": { \"pipe-name\": null, "
                                 "\"pipeNumericId\" : null,\n"
                                 "\"frameId\":\"3-my-consent\", \"fullName\":\"" NAME
                                 "\", \"s3_timestamp\":\"2024-05-01T12:51:30.123Z\","
                                 "\"is-consent-footage\":true,\"pk\":null}}}";
    static const char hex[] = "65026fbcc126ea0cdfe10eacc6e19c0fa73c0abf7d5036a671ee61b870ba791e";

    (void)state;
    assert_int_equal(strlen(text(plain)), 281);
    assert_true(is_right(plain, hex));
    assert_true(is_right(dashed, hex));
    assert_false(is_right(plain, "65026FBCC126EA0CDFE10EACC6E19C0FA73C0ABF7D5036A671EE61B870BA791E"));
    assert_false(is_right(plain, ""));
    assert_false(signature_is_right(arena, SPAN(""), span_of(plain), span_of(hex)));
}

static void the_second_vector_holds(void **state)
{
    static const char document[] =
        "{\"data\":{\"attributes\":{\"frame_id\":\"\xc3\xa9\xf0\x9f\x98\x80\",\"n\":1.0,"
        "\"big\":1e20,\"small\":0.00001,\"t\":true}}}";

    (void)state;
    assert_string_equal(
        text(document),
        "{\"frame_id\":\"\\u00e9\\ud83d\\ude00\",\"n\":1.0,\"big\":1e+20,\"small\":1e-05,\"t\":true}");
    assert_true(is_right(document, "323e5c90647aa3b2d98575b0906fe12f028c2da0e1d684092fe0af2cade4a304"));
}

static void id_comes_first_and_meta_last_and_the_rest_is_not_signed(void **state)
{
    (void)state;
    assert_string_equal(text("{\"meta\":{\"a\":[1,{\"b\":\"/"
                             "\"},[]]},\"data\":{\"type\":\"videos\",\"id\":\"x\",\"attributes\":{"
                             "\"a\":{},\"study\":1,\"type\":2,\"response\":3}}}"),
                        "{\"id\":\"x\",\"a\":{},\"_meta\":{\"a\":[1,{\"b\":\"/\"},[]]}}");
    assert_string_equal(text("{\"meta\":{},\"data\":{\"attributes\":null}}"), "{}");
    assert_string_equal(
        text("{\"data\":{\"attributes\":{\"aB\":1,\"c\":\"\\\"\\\\\\n\\u007f\\u0001\",\"a_b\":2}}}"),
        "{\"a_b\":2,\"c\":\"\\\"\\\\\\n\\u007f\\u0001\"}");
    assert_string_equal(text(""), "{}");
}

static void a_document_with_too_many_attributes_is_none(void **state)
{
    struct text t = {0};
    struct span out;

    (void)state;
    text_add(arena, &t, SPAN("{\"data\":{\"attributes\":{\"x\":1"));
    for (int i = 0; i < 300; i++)
        text_print(arena, &t, ",\"a%d\":1", i);
    text_add(arena, &t, SPAN("}}}"));
    assert_int_equal(signature_text(arena, text_span(&t), &out), ERR_MALFORMED);
}

static int start(void **state)
{
    (void)state;
    crypt_init();
    arena = arena_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_vector_holds_whatever_the_document_looks_like),
        cmocka_unit_test(the_second_vector_holds),
        cmocka_unit_test(id_comes_first_and_meta_last_and_the_rest_is_not_signed),
        cmocka_unit_test(a_document_with_too_many_attributes_is_none),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
