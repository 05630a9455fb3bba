/* NEEDS: database */
/* The notice of a recording in a store elsewhere, over HTTP: API-V-01 to 13 of the contract, each by its
 * number, and its chapter 11. */
#include <stdio.h>
#include <stdlib.h>

#include "people.h"
#include "signature.h"

#define NOTICE "POST /api/v1/video/"
#define TIME "\"s3_timestamp\":\"2024-05-01T12:51:30.123Z\""

static char response[37];
static int made;

static int64_t videos(void)
{
    return desk_sql("select count(*) from video");
}

static const char *name_new(void)
{
    return print("videoStream_%s_3-my-consent_%s_17145678901%02d_042.webm", study_uuid, response, made++).p;
}

/* The attributes of the machine of record; more: others, with a comma before. */
static const char *attributes_of(const char *name, const char *more)
{
    return print("\"pipe_name\":null,\"pipe_numeric_id\":null,\"frame_id\":\"3-my-consent\",\"full_name\":\"%"
                 "s\"," TIME ",\"is_consent_footage\":true,\"pk\":null%s",
                 name, more)
        .p;
}

static const char *relations(void)
{
    return print("%s,%s", api_relation("study", "studies", study_uuid),
                 api_relation("response", "responses", response))
        .p;
}

static const char *signature_of(const char *document)
{
    static char line[200];
    struct arena *a = arena_new();
    struct span text;
    uint8_t digest[32];
    char hex[65];

    assert_int_equal(signature_text(a, span_of(document), &text), 0);
    crypt_hmac_sha256(SPAN(API_VIDEO_KEY), text, digest);
    (void)crypt_hex((struct span){(const char *)digest, sizeof digest}, hex, sizeof hex);
    (void)snprintf(line, sizeof line, "X-Aws-Lambda-Hmac-Sig: %s\r\n", hex);
    arena_free(&a);
    return line;
}

static int send_signed(const char *document)
{
    return api_ask(0, NOTICE, signature_of(document), document);
}

static void expect_signed(int want, const char *document)
{
    int status = send_signed(document);

    if (status != want)
        fail_msg("%s: %d, not %d: %s", document, status, want,
                 api_value("errors") ? api_value("errors") : "");
}

static const char *notice(const char *name, const char *more)
{
    return api_document("videos", NULL, attributes_of(name, more), relations());
}

static void API_V_01_a_signed_notice_becomes_a_video(void **state)
{
    const char *name = name_new();

    (void)state;
    expect_signed(
        201, api_document(
                 "videos", NULL,
                 print("\"pipe_name\":\"abc.mp4\",\"pipe_numeric_id\":\"1234\",\"frame_id\":\"3-my-consent\","
                       "\"full_name\":\"%s\",\"s3_timestamp\":\"2024-05-01 08:51:30.123456\","
                       "\"is_consent_footage\":true,\"pk\":null",
                       name)
                     .p,
                 relations()));
    assert_value("data.type", "videos");
    assert_value("data.attributes.full_name", name);
    assert_value("data.attributes.is_consent_footage", "true");
    assert_value("data.attributes.pipe_numeric_id", "1234");
    assert_value("data.attributes.s3_timestamp", "2024-05-01T08:51:30.123456-04:00");
    assert_value("data.relationships.study.links.related",
                 print("http://site.example/api/v1/studies/%s/", study_uuid).p);
    assert_value("data.relationships.response.data.id", response);
    assert_span(api_header("Location"), api_value("data.links.self"));
    assert_string_equal(
        desk_text("select concat_ws(' ', v.pipe_name, v.pipe_numeric_id, v.frame_id, v.is_consent_footage, "
                  "s.uuid = '%s', r.uuid = '%s', v.s3_timestamp = '2024-05-01 12:51:30.123456Z') from "
                  "video v join study s on s.id = v.study join response r on r.id = v.response where "
                  "v.full_name = '%s'",
                  study_uuid, response, name),
        "abc.mp4 1234 3-my-consent t t t t");
    assert_int_equal(
        desk_sql("select count(*) from event e join video v on v.uuid = e.subject where v.full_name = '%s'",
                 name),
        1);
}

static void API_V_02_without_the_header_nobody_is_believed(void **state)
{
    int64_t before = videos();

    (void)state;
    assert_int_equal(api_ask(0, NOTICE, NULL, notice(name_new(), "")), 401);
    api_expect_fault(0, "authentication_failed", "/data");
    assert_int_equal(api_ask(superuser, NOTICE, NULL, notice(name_new(), "")), 401);
    assert_int_equal(
        api_ask(0, NOTICE, NULL, api_document("videos", NULL, "", api_relation("study", "studies", NOBODY))),
        401);
    assert_int_equal(videos(), before);
}

static void API_V_03_a_wrong_signature_is_not_believed(void **state)
{
    const char *document = notice(name_new(), "");
    int64_t before = videos();

    (void)state;
    assert_int_equal(api_ask(0, NOTICE,
                             "X-Aws-Lambda-Hmac-Sig: "
                             "0000000000000000000000000000000000000000000000000000000000000000\r\n",
                             document),
                     401);
    api_expect_fault(0, "authentication_failed", "/data");
    assert_int_equal(api_ask(0, NOTICE, "X-Aws-Lambda-Hmac-Sig: x\r\n", document), 401);
    assert_int_equal(videos(), before);
}

static void API_V_04_an_empty_document_is_no_document(void **state)
{
    (void)state;
    expect_signed(400, "{}");
    api_expect_fault(0, "parse_error", "/data");
}

static void API_V_05_another_type_is_a_conflict(void **state)
{
    (void)state;
    expect_signed(409, api_document("video", NULL, attributes_of(name_new(), ""), relations()));
    api_expect_fault(0, "error", "/data");
}

static void API_V_06_a_video_has_a_name(void **state)
{
    (void)state;
    expect_signed(400, api_document("videos", NULL, "\"frame_id\":\"a\"," TIME, relations()));
    api_expect_fault(0, "required", "/data/attributes/full_name");
}

static void API_V_07_videos_are_not_read_here(void **state)
{
    (void)state;
    assert_int_equal(api_ask(0, "GET /api/v1/video/", NULL, NULL), 405);
    assert_int_equal(api_ask(parent, "GET /api/v1/video/", NULL, NULL), 405);
}

static void the_row_stays(const char *method)
{
    const char *name = name_new(), *document;
    int64_t before;

    expect_signed(201, notice(name, ""));
    before = videos();
    document = api_document("videos", NOBODY, attributes_of(name, ""), relations());
    assert_int_equal(api_ask(0, print("%s /api/v1/video/", method).p, signature_of(document), document), 405);
    assert_int_equal(videos(), before);
    assert_string_equal(desk_text("select frame_id from video where full_name = '%s'", name), "3-my-consent");
}

static void API_V_08_a_collection_is_not_put(void **state)
{
    (void)state;
    the_row_stays("PUT");
}

static void API_V_09_a_collection_is_not_patched(void **state)
{
    (void)state;
    the_row_stays("PATCH");
}

static void API_V_10_nothing_is_deleted_here(void **state)
{
    int64_t before = videos();

    (void)state;
    assert_int_equal(api_ask(0, "DELETE /api/v1/video/", NULL, NULL), 405);
    assert_int_equal(api_ask(0, "DELETE /api/v1/video/12", NULL, NULL), 301);
    assert_span(api_header("Location"), "/api/v1/video/12/");
    assert_int_equal(api_ask(0, "DELETE /api/v1/video/12/", NULL, NULL), 405);
    assert_int_equal(videos(), before);
}

static void API_V_11_no_head(void **state)
{
    (void)state;
    assert_int_equal(api_ask(0, "HEAD /api/v1/video/", NULL, NULL), 405);
}

static void API_V_12_no_options_with_a_body_or_without(void **state)
{
    (void)state;
    assert_int_equal(api_ask(0, "OPTIONS /api/v1/video/", NULL, NULL), 405);
    assert_int_equal(api_ask(0, "OPTIONS /api/v1/video/", NULL, notice(name_new(), "")), 405);
}

static void API_V_13_no_trace(void **state)
{
    (void)state;
    assert_int_equal(api_ask(0, "TRACE /api/v1/video/", NULL, NULL), 405);
}

static void API_X_20_videos_have_no_number(void **state)
{
    (void)state;
    expect_signed(201, notice(name_new(), ""));
    assert_value("data.attributes.pk", "null");
}

static void the_header_may_have_underscores_and_a_token_does_no_harm(void **state)
{
    const char *document = notice(name_new(), "");
    char line[200];

    (void)state;
    (void)snprintf(line, sizeof line, "X_Aws_Lambda_Hmac_Sig%s", strchr(signature_of(document), ':'));
    assert_int_equal(api_ask(parent, NOTICE, line, document), 201);
}

static void rows_that_are_not_there_and_relationships_that_lack_come_before_the_signature(void **state)
{
    static const char wrong[] = "X-Aws-Lambda-Hmac-Sig: x\r\n";
    const char *attributes = attributes_of(name_new(), "");

    (void)state;
    assert_int_equal(
        api_ask(0, NOTICE, wrong,
                api_document("videos", NULL, attributes, api_relation("study", "studies", NOBODY))),
        404);
    assert_int_equal(
        api_ask(0, NOTICE, wrong,
                api_document("videos", NULL, attributes, api_relation("study", "studies", "abc"))),
        404);
    assert_int_equal(
        api_ask(0, NOTICE, wrong,
                api_document("videos", NULL, attributes, api_relation("study", "studies", study_uuid))),
        400);
    api_expect_fault(0, "parse_error", "/data");
    assert_string_equal(api_value("errors.0.detail"), "Missing required relationship: response");
    assert_int_equal(api_ask(0, NOTICE, wrong, api_document("videos", NULL, attributes, NULL)), 400);
    assert_string_equal(api_value("errors.0.detail"), "Missing required relationship: study");
    expect_signed(409, api_document("videos", NULL, attributes,
                                    print("%s,%s", api_relation("study", "study", study_uuid),
                                          api_relation("response", "responses", response))
                                        .p));
    expect_signed(400, api_document("videos", NULL, attributes,
                                    print("%s,%s", api_relation("study", "studies", trials_uuid),
                                          api_relation("response", "responses", response))
                                        .p));
    api_expect_fault(0, "invalid", "/data/relationships/response");
}

static void each_attribute_has_its_rules(void **state)
{
    static const struct {
        const char *more, *code, *pointer;
    } bad[] = {{",\"full_name\":null", "null", "/data/attributes/full_name"},
               {",\"full_name\":\" \"", "blank", "/data/attributes/full_name"},
               {",\"frame_id\":\"\"", "blank", "/data/attributes/frame_id"},
               {",\"frame_id\":null", "null", "/data/attributes/frame_id"},
               {",\"s3_timestamp\":1714567890", "invalid", "/data/attributes/s3_timestamp"},
               {",\"s3_timestamp\":\"soon\"", "invalid", "/data/attributes/s3_timestamp"},
               {",\"s3_timestamp\":\"\"", "invalid", "/data/attributes/s3_timestamp"},
               {",\"s3_timestamp\":null", "null", "/data/attributes/s3_timestamp"},
               {",\"pipe_name\":\"\"", "blank", "/data/attributes/pipe_name"},
               {",\"pipe_numeric_id\":\"x\"", "invalid", "/data/attributes/pipe_numeric_id"},
               {",\"is_consent_footage\":\"perhaps\"", "invalid", "/data/attributes/is_consent_footage"}};
    char big[257];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect_signed(400, notice(name_new(), bad[i].more));
        api_expect_fault(0, bad[i].code, bad[i].pointer);
    }
    memset(big, 'x', 256);
    big[256] = 0;
    expect_signed(400, notice(big, ""));
    api_expect_fault(0, "max_length", "/data/attributes/full_name");
}

static void times_are_the_sites_unless_they_say_where(void **state)
{
    static const char *const times[][2] = {{"2024-05-01T12:51:30+09:30", "2024-04-30T23:21:30-04:00"},
                                           {"2024-01-01 08:00", "2024-01-01T08:00:00-05:00"},
                                           {"2024-05-01", "2024-05-01T00:00:00-04:00"},
                                           {"2024-05-01T12:51:30.5Z", "2024-05-01T08:51:30.500000-04:00"}};

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        expect_signed(201, notice(name_new(), print(",\"s3_timestamp\":\"%s\"", times[i][0]).p));
        assert_value("data.attributes.s3_timestamp", times[i][1]);
    }
    expect_signed(400, notice(name_new(), ",\"s3_timestamp\":\"2024-13-01 12:00\""));
}

static void a_name_is_taken_once(void **state)
{
    const char *name = name_new();

    (void)state;
    expect_signed(201, notice(name, ",\"pipe_name\":\"once.mp4\""));
    expect_signed(400, notice(name, ",\"pipe_name\":\"once.mp4\""));
    api_expect_fault(0, "unique", "/data/attributes/full_name");
    api_expect_fault(1, "unique", "/data/attributes/pipe_name");
}

static void what_comes_too_late_into_a_withdrawn_session_goes_again(void **state)
{
    const char *r = begin(), *name = name_new();

    (void)state;
    changed(r, "\"exp_data\":{\"9\":{\"frameType\":\"EXIT\",\"withdrawal\":true}},\"sequence\":[\"9\"]");
    expect_signed(201, api_document("videos", NULL, attributes_of(name, ",\"is_consent_footage\":false"),
                                    print("%s,%s", api_relation("study", "studies", study_uuid),
                                          api_relation("response", "responses", r))
                                        .p));
    assert_int_equal(desk_sql("select count(*) from video where full_name = '%s'", name), 0);
    assert_int_equal(
        desk_sql("select count(*) from job where kind = 'video.erase' and payload->>'name' = '%s'", name), 1);
}

static int start(void **state)
{
    people_start(state);
    (void)snprintf(response, sizeof response, "%s", begin());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(API_V_01_a_signed_notice_becomes_a_video),
        cmocka_unit_test(API_V_02_without_the_header_nobody_is_believed),
        cmocka_unit_test(API_V_03_a_wrong_signature_is_not_believed),
        cmocka_unit_test(API_V_04_an_empty_document_is_no_document),
        cmocka_unit_test(API_V_05_another_type_is_a_conflict),
        cmocka_unit_test(API_V_06_a_video_has_a_name),
        cmocka_unit_test(API_V_07_videos_are_not_read_here),
        cmocka_unit_test(API_V_08_a_collection_is_not_put),
        cmocka_unit_test(API_V_09_a_collection_is_not_patched),
        cmocka_unit_test(API_V_10_nothing_is_deleted_here),
        cmocka_unit_test(API_V_11_no_head),
        cmocka_unit_test(API_V_12_no_options_with_a_body_or_without),
        cmocka_unit_test(API_V_13_no_trace),
        cmocka_unit_test(API_X_20_videos_have_no_number),
        cmocka_unit_test(the_header_may_have_underscores_and_a_token_does_no_harm),
        cmocka_unit_test(rows_that_are_not_there_and_relationships_that_lack_come_before_the_signature),
        cmocka_unit_test(each_attribute_has_its_rules),
        cmocka_unit_test(times_are_the_sites_unless_they_say_where),
        cmocka_unit_test(a_name_is_taken_once),
        cmocka_unit_test(what_comes_too_late_into_a_withdrawn_session_goes_again),
    };
    return cmocka_run_group_tests(tests, start, people_stop);
}
