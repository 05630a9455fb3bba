/* The checker at its bounds: full reports, texts that would grow without end, texts that are too big. */
#include "test.h"

#include <stdio.h>

#include "checker.h"
#include "errors.h"

static struct protocol_report report;

static const struct protocol_finding *found(const char *code, const char *path)
{
    for (size_t i = 0; i < report.n; i++)
        if (strcmp(report.finding[i].code, code) == 0 && strcmp(report.finding[i].path, path) == 0)
            return &report.finding[i];
    return NULL;
}

static void a_full_report_keeps_the_errors(void **state)
{
    static char text[100000];
    size_t n = (size_t)snprintf(text, sizeof text, "{\"frames\":{");

    (void)state;
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "\"unused%d\":{},", i);
    n += (size_t)snprintf(text + n, sizeof text - n,
                          "\"a\":{\"kind\":\"exp-lookit-hologram\"}},\"sequence\":[\"a\",\"b\"]}");
    assert_int_equal(protocol_check((struct span){text, n}, &report), ERR_INVALID);
    assert_int_equal(report.n, PROTOCOL_FINDINGS_MAX);
    assert_int_equal(report.errors, 2);
    assert_true(report.warnings >= 300);
    assert_non_null(found("E-SEQUENCE-UNDEFINED-FRAME", "/sequence/1"));
    assert_non_null(found("E-FRAME-KIND-UNAVAILABLE", "/frames/a/kind"));
}

/* Texts that would take forever if each combination were looked at. */
static void bombs_end_soon_with_a_word(void **state)
{
    static char text[2 << 20];
    size_t n = 0;

    (void)state;
    /* each list holds the next one twice */
    n = (size_t)snprintf(text, sizeof text,
                         "{\"frames\":{\"a\":{\"kind\":\"group\",\"frameList\":\"P0\",\"parameters\":{");
    for (int i = 0; i < 60; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "\"P%d\":[{\"kind\":\"group\",\"frameList\":\"P%d\"},{\"kind\":\"group\","
                              "\"frameList\":\"P%d\"}],",
                              i, i + 1, i + 1);
    n += (size_t)snprintf(text + n, sizeof text - n, "\"P60\":[]}}},\"sequence\":[\"a\"]}");
    assert_int_equal(protocol_check((struct span){text, n}, &report), 0);
    assert_non_null(found("W-EXPANSION-CAPPED", ""));
    /* a group that holds itself */
    n = (size_t)snprintf(text, sizeof text,
                         "{\"frames\":{\"a\":{\"kind\":\"group\",\"frameList\":\"L\",\"parameters\":"
                         "{\"L\":[{\"kind\":\"group\",\"frameList\":\"L\"}]}}},\"sequence\":[\"a\"]}");
    assert_int_equal(protocol_check((struct span){text, n}, &report), ERR_INVALID);
    assert_non_null(found("E-PARAMETER-CYCLE", "/frames/a/parameters/L"));
    /* many strings against many parameter sets */
    n = (size_t)snprintf(
        text, sizeof text,
        "{\"frames\":{\"a\":{\"kind\":\"choice\",\"sampler\":\"random-parameter-set\",\"frameList\":[");
    for (int i = 0; i < 20000; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s{\"kind\":\"K%d#RAND\"}", i ? "," : "", i);
    n += (size_t)snprintf(text + n, sizeof text - n, "],\"parameterSets\":[");
    for (int i = 0; i < 20000; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s{\"K%d\":[1,2,3]}", i ? "," : "", i);
    n += (size_t)snprintf(text + n, sizeof text - n, "]}},\"sequence\":[\"a\"]}");
    assert_true(n < sizeof text);
    assert_int_equal(protocol_check((struct span){text, n}, &report), 0);
    assert_non_null(found("W-EXPANSION-CAPPED", ""));
}

static void what_is_too_big_is_refused(void **state)
{
    static char text[PROTOCOL_BYTES_MAX + 1];

    (void)state;
    memset(text, '[', sizeof text);
    assert_int_equal(protocol_check((struct span){text, sizeof text}, &report), ERR_INVALID);
    assert_string_equal(report.finding[0].code, "E-TOO-BIG");
    assert_int_equal(protocol_check((struct span){text, 1000}, &report), ERR_INVALID);
    assert_string_equal(report.finding[0].code, "E-TOO-BIG");
    for (size_t i = 1; i < sizeof text - 2; i++)
        text[i] = i % 2 ? '1' : ',';
    assert_int_equal(protocol_check((struct span){text, sizeof text - 2}, &report), ERR_INVALID);
    assert_string_equal(report.finding[0].code, "E-TOO-BIG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_report_keeps_the_errors),
        cmocka_unit_test(bombs_end_soon_with_a_word),
        cmocka_unit_test(what_is_too_big_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
