/* NEEDS: database */
/* What writes over HTTP: the lines of API-X that do, by their numbers; what is wrong with a document and how
 * it is told; who may. */
#include <stdio.h>
#include <stdlib.h>

#include "people.h"

/* ---- API-X: what writes ---- */

static void API_X_01_both_versions_write_alike(void **state)
{
    (void)state;
    api_expect(201, parent, "POST /api/v2/responses/", "%s", posting(""));
    assert_value("data.links.self",
                 print("http://site.example/api/v2/responses/%s/", api_value("data.id")).p);
    assert_value("data.relationships.child.links.related",
                 print("http://site.example/api/v2/children/%s/", child).p);
}

static void API_X_05_other_media_types_are_not_read(void **state)
{
    (void)state;
    assert_int_equal(api_ask(parent, POST, "Content-Type: application/json\r\n", posting("")), 415);
    assert_int_equal(api_ask(parent, POST, "Content-Type: application/x-www-form-urlencoded\r\n", "a=b"),
                     415);
    assert_int_equal(api_ask(parent, POST, "Accept: application/json\r\n", posting("")), 406);
}

static void API_X_07_a_session_needs_its_token_and_a_token_needs_none(void **state)
{
#define SECRET "abcdefghijklmnopqrstuvwxyzABCDEF"
    const char *session = "Cookie: sessionid=a-session-of-ann\r\n";

    (void)state;
    (void)desk_text("select session_open(sha256('a-session-of-ann'), %lld, interval '1 day')",
                    (long long)parent);
    assert_int_equal(api_ask(0, POST, session, posting("")), 403);
    api_expect_fault(0, "permission_denied", "/data");
    assert_int_equal(api_ask(0, POST,
                             "Cookie: sessionid=a-session-of-ann; csrftoken=" SECRET
                             "\r\nX-CSRFTOKEN: " SECRET "\r\n",
                             posting("")),
                     201);
    assert_int_equal(api_ask(parent, POST, "Origin: http://evil.example\r\n", posting("")), 201);
}

static void API_X_08_a_change_repeats_the_id_of_its_path(void **state)
{
    const char *r = begin();
    const char *line = print("PATCH /api/v1/responses/%s/", r).p;

    (void)state;
    api_expect(409, parent, line, "%s", api_document("responses", NOBODY, "", NULL));
    api_expect_fault(0, "error", "/data");
    api_expect(400, parent, line, "%s", api_document("responses", NULL, "", NULL));
    api_expect_fault(0, "parse_error", "/data");
    line = print("PUT /api/v1/responses/%s/", r).p;
    api_expect(400, parent, line, "%s", api_document("responses", NULL, "", NULL));
    api_expect(409, parent, line, "%s", api_document("x", r, "", NULL));
}

static void API_X_09_a_relationship_is_of_its_type(void **state)
{
    (void)state;
    api_expect(409, parent, POST, "%s",
               api_document("responses", NULL, "",
                            print("%s,%s", api_relation("child", "child", child),
                                  api_relation("study", "studies", study_uuid))
                                .p));
    api_expect_fault(0, "error", "/data");
    assert_int_equal(change_by(parent, "PATCH", begin(), "", api_relation("child", "child", child)), 409);
}

static void API_X_10_the_write_form_has_no_hash_and_no_date(void **state)
{
    const char *r = begin();

    (void)state;
    assert_null(api_value("data.attributes.hash_child_id"));
    assert_null(api_value("data.attributes.created_on"));
    assert_null(api_value("data.relationships.user"));
    assert_int_equal(change_by(parent, "PUT", r, "\"completed\":true", both(child, study_uuid)), 200);
    assert_non_null(api_value("data.attributes.hash_child_id"));
    assert_value("data.attributes.completed", "true");
    assert_non_null(api_value("data.relationships.user"));
    assert_null(api_value("data.relationships.child.data"));
}

static void an_answer_to_a_write_keeps_the_fields_that_were_asked_for(void **state)
{
    const char *r = begin();
    const char *const methods[] = {"PATCH", "PUT"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        api_expect(200, parent,
                   print("%s /api/v1/responses/%s/?fields[responses]=completed,child", methods[i], r).p, "%s",
                   api_document("responses", r, "\"completed\":true", NULL));
        assert_value("data.attributes.completed", "true");
        assert_non_null(api_value("data.attributes.pk"));
        assert_null(api_value("data.attributes.exp_data"));
        assert_non_null(api_value("data.relationships.child"));
        assert_null(api_value("data.relationships.study"));
        assert_value("data.id", r);
    }
    api_expect(201, parent, POST "?fields[children]=x&fields[responses]=is_preview", "%s", posting(""));
    assert_null(api_value("data.attributes.completed"));
    assert_value("data.attributes.is_preview", "false");
}

static void videos_add(const char *r)
{
    (void)desk_sql(
        "insert into video (s3_timestamp, frame_id, full_name, study, response, is_consent_footage) "
        "select now(), f, f || r.uuid || '.webm', r.study, r.id, f = '1-consent' from response r, "
        "unnest('{1-consent,2-trial,3-agree}'::text[]) f where r.uuid = '%s' returning id",
        r);
}

static void API_X_15_a_withdrawal_removes_what_was_recorded(void **state)
{
    const char *r = begin();

    (void)state;
    videos_add(r);
    changed(
        r,
        "\"exp_data\":{\"9-exit\":{\"frameType\":\"EXIT\",\"withdrawal\":[true]}},\"sequence\":[\"9-exit\"]");
    assert_value("data.attributes.withdrawn", "true");
    assert_string_equal(desk_text("select string_agg(v.frame_id, ' ') from video v join response r on r.id = "
                                  "v.response where r.uuid = '%s'",
                                  r),
                        "1-consent");
    assert_int_equal(
        desk_sql("select count(*) from job where kind = 'video.erase' and payload->>'name' like "
                 "'%%%s%%' and due_at between now() + interval '6 days 23 hours' and now() + interval "
                 "'7 days'",
                 r),
        2);
}

static void API_X_16_a_consent_frame_marks_its_videos(void **state)
{
    const char *r = begin();

    (void)state;
    videos_add(r);
    changed(r, "\"exp_data\":{\"3-agree\":{\"frameType\":\"consent\"}},\"sequence\":[\"0-x\",\"3-agree\"]");
    assert_string_equal(
        desk_text("select string_agg(v.frame_id, ' ' order by v.frame_id) from video v join response r "
                  "on r.id = v.response where r.uuid = '%s' and v.is_consent_footage",
                  r),
        "1-consent 3-agree");
}

static void API_X_17_camel_case_and_dashes_are_understood(void **state)
{
    (void)state;
    api_expect(201, parent, POST, "%s",
               posting("\"expData\":{\"A\":1},\"completed-consent-frame\":\"true\",\"isPreview\":1,"
                       "\"RecordingMethod\":\"x\",\"globalEventTimings\":[1]"));
    assert_value("data.attributes.exp_data", "{\"A\":1}");
    assert_value("data.attributes.completed_consent_frame", "true");
    assert_value("data.attributes.is_preview", "true");
    assert_value("data.attributes.recording_method", "x");
    assert_value("data.attributes.global_event_timings", "[1]");
}

static void API_X_19_a_child_that_was_taken_away_may_still_take_part(void **state)
{
    (void)state;
    api_expect(201, parent, POST, "%s", api_document("responses", NULL, "", both(sibling, study_uuid)));
}

/* ---- what is wrong is told, all of it, in order ---- */

static void several_mistakes_come_at_once_by_their_places(void **state)
{
    char big[130];
    int64_t before = responses();

    (void)state;
    memset(big, 'x', 129);
    big[129] = 0;
    api_expect(
        400, parent, POST, "%s",
        api_document(
            "responses", NULL,
            print("\"sequence\":[null,\"%s\"],\"eligibility\":[\"Eligible\",\"Nope\"],\"completed\":null,"
                  "\"exp_data\":null",
                  big)
                .p,
            api_relation("study", "studies", study_uuid)));
    api_expect_fault(0, "null", "/data/attributes/completed");
    api_expect_fault(1, "invalid_choice", "/data/attributes/eligibility/1");
    api_expect_fault(2, "null", "/data/attributes/exp_data");
    api_expect_fault(3, "null", "/data/attributes/sequence/0");
    api_expect_fault(4, "max_length", "/data/attributes/sequence/1");
    api_expect_fault(5, "required", "/data/relationships/child");
    assert_null(api_value("errors.6"));
    assert_int_equal(responses(), before);
}

static void each_attribute_has_its_rules(void **state)
{
    static const struct {
        const char *attributes, *code, *pointer;
    } bad[] = {
        {"\"completed\":\"maybe\"", "invalid", "/data/attributes/completed"},
        {"\"completed\":[]", "invalid", "/data/attributes/completed"},
        {"\"sequence\":null", "null", "/data/attributes/sequence"},
        {"\"eligibility\":[\"\"]", "invalid_choice", "/data/attributes/eligibility/0"},
        {"\"eligibility\":[\"Eligible\",{}]", "invalid_choice", "/data/attributes/eligibility/1"},
        {"\"eligibility\":[true]", "invalid_choice", "/data/attributes/eligibility/0"},
        {"\"eligibility\":[null]", "null", "/data/attributes/eligibility/0"},
        {"\"sequence\":\"abc\"", "not_a_list", "/data/attributes/sequence"},
        {"\"sequence\":[[\"a\"]]", "invalid", "/data/attributes/sequence/0"},
        {"\"conditions\":null", "null", "/data/attributes/conditions"},
        {"\"global_event_timings\":null", "null", "/data/attributes/global_event_timings"},
        {"\"recording_method\":\"\"", "blank", "/data/attributes/recording_method"},
        {"\"recording_method\":true", "invalid", "/data/attributes/recording_method"},
        {"\"recording_method\":\"123456789012345678901234567890123456789012345678901\"", "max_length",
         "/data/attributes/recording_method"},
        {"\"exp_data\":{\"a\":\"x\\u0000y\"}", "null_characters_not_allowed", "/data/attributes/exp_data"},
        {"\"conditions\":1e400", "invalid", "/data/attributes/conditions"},
        {"\"exp_data\":{\"a\":\"\\ud83d\"}", "parse_error", "/data"}};
    int64_t before = responses();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        api_expect(400, parent, POST, "%s", posting(bad[i].attributes));
        api_expect_fault(0, bad[i].code, bad[i].pointer);
    }
    assert_int_equal(responses(), before);
}

static void odd_values_that_can_be_are_kept(void **state)
{
    (void)state;
    api_expect(
        201, parent, POST, "%s",
        posting("\"exp_data\":{\"b\":12345678901234567890123,\"c\":1.0,\"d\":-0.0,\"e\":1E5,\"f\":0.1000}"));
    assert_value("data.attributes.exp_data",
                 "{\"b\":12345678901234567890123,\"c\":1.0,\"d\":-0.0,\"e\":1E5,\"f\":0.1000}");
    assert_string_equal(desk_text("select exp_data->>'b' from response order by id desc limit 1"),
                        "12345678901234567890123");
    api_expect(201, parent, POST, "%s", posting("\"exp_data\":\"text\",\"conditions\":7"));
    assert_value("data.attributes.withdrawn", "false");
    api_expect(201, parent, POST, "%s", posting("\"recording_method\":null"));
    assert_value("data.attributes.recording_method", "null");
    api_expect(201, parent, POST, "%s", posting("\"eligibility\":[\"Ineligible_TooOld\",\"Eligible\"]"));
    assert_value("data.attributes.eligibility", "[\"Eligible\"]");
    changed(begin(), "\"recording_method\":null,\"eligibility\":[\"Ineligible_TooYoung\"]");
    assert_value("data.attributes.recording_method", "null");
    assert_value("data.attributes.eligibility", "[\"Ineligible_TooYoung\"]");
}

static void relationships_that_name_nobody_are_not_found(void **state)
{
    (void)state;
    api_expect(404, parent, POST, "%s", api_document("responses", NULL, "", both(NOBODY, study_uuid)));
    api_expect_fault(0, "not_found", NULL);
    api_expect(404, parent, POST, "%s", api_document("responses", NULL, "", both(child, NOBODY)));
    api_expect(404, parent, POST, "%s", api_document("responses", NULL, "", both("abc", study_uuid)));
    api_expect(404, parent, POST, "%s",
               api_document("responses", NULL, "",
                            print("\"child\":{\"data\":{\"type\":\"children\",\"id\":201}},%s",
                                  api_relation("study", "studies", study_uuid))
                                .p));
    api_expect(
        400, parent, POST, "%s",
        api_document("responses", NULL, "",
                     print("\"child\":{\"data\":[]},%s", api_relation("study", "studies", study_uuid)).p));
    api_expect_fault(0, "incorrect_type", "/data/relationships/child");
    api_expect(400, parent, POST, "%s",
               api_document("responses", NULL, print("\"child\":\"%s\"", child).p,
                            api_relation("study", "studies", study_uuid)));
    api_expect_fault(0, "incorrect_type", "/data/relationships/child");
    api_expect(
        201, parent, POST, "%s",
        api_document("responses", NULL, "",
                     print("%s,%s", both(child, study_uuid), api_relation("user", "users", NOBODY)).p));
}

static void documents_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {
        "{\"data\":",
        "{\"data\":null}",
        "{\"data\":[]}",
        "3",
        "\xef\xbb\xbf{}",
        "{}{}",
        "{'data':1}",
        "{\"data\":{\"type\":\"responses\",\"attributes\":[1]}}",
        "{\"data\":{\"type\":\"responses\",\"relationships\":7}}",
        "{\"data\":{\"type\":\"responses\",\"attributes\":{\"exp_data\":NaN}}}"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        api_expect(400, parent, POST, "%s", bad[i]);
        api_expect_fault(0, "parse_error", "/data");
    }
    api_expect(400, parent, POST, "%s", "");
    api_expect_fault(1, "required", "/data/relationships/study");
    assert_int_equal(api_ask(0, POST, NULL, "{"), 401);
    assert_int_equal(api_ask(parent, "PATCH /api/v1/responses/", NULL, posting("")), 405);
}

/* ---- who may ---- */

static void a_reader_does_not_change_a_familys_session(void **state)
{
    const char *r = begin();

    (void)state;
    changed(r, "\"completed_consent_frame\":true");
    assert_int_equal(change_by(researcher, "PATCH", r, "\"completed\":true", NULL), 404);
    (void)desk_sql(
        "insert into consent_ruling (action, response) select 'accepted', id from response where uuid = "
        "'%s' returning id",
        r);
    assert_int_equal(change_by(researcher, "PATCH", r, "\"completed\":true", NULL), 403);
    assert_int_equal(change_by(superuser, "PUT", r, "\"completed\":\"maybe\"", NULL), 403);
    assert_int_equal(change_by(researcher, "PATCH", r, "", both(child, study_uuid)), 403);
    assert_int_equal(change_by(stranger, "PATCH", r, "\"completed\":true", NULL), 404);
    api_expect_fault(0, "not_found", NULL);
    assert_int_equal(change_by(0, "PATCH", r, "\"completed\":true", NULL), 401);
    assert_string_equal(stored(r, "completed"), "false");
}

static void a_response_stays_with_its_child_and_study(void **state)
{
    const char *r = begin();

    (void)state;
    assert_int_equal(change_by(parent, "PATCH", r, "", both(sibling, study_uuid)), 400);
    api_expect_fault(0, "invalid", "/data/relationships/child");
    assert_int_equal(change_by(parent, "PATCH", r, "", both(child, trials_uuid)), 400);
    assert_int_equal(change_by(parent, "PATCH", r, "", both(other_child, study_uuid)), 403);
    assert_int_equal(change_by(parent, "PATCH", r, "", both(NOBODY, study_uuid)), 404);
    assert_int_equal(change_by(parent, "PATCH", r, "", "\"child\":{\"data\":null}"), 400);
    api_expect_fault(0, "null", "/data/relationships/child");
}

static void the_route_below_a_study_writes_too(void **state)
{
    const char *r;

    (void)state;
    api_expect(201, parent, print("POST /api/v1/studies/%s/responses/", trials_uuid).p, "%s", posting(""));
    assert_value("data.relationships.study.data.id", study_uuid); /* the body counts */
    r = print("%s", api_value("data.id")).p;
    api_expect(400, parent, print("POST /api/v1/studies/%s/responses/", study_uuid).p, "%s",
               api_document("responses", NULL, "", api_relation("child", "children", child)));
    api_expect_fault(0, "required", "/data/relationships/study");
    api_expect(404, parent, print("POST /api/v1/studies/%s/responses/", NOBODY).p, "%s", posting(""));
    api_expect(200, parent, print("PATCH /api/v1/studies/%s/responses/%s/", study_uuid, r).p, "%s",
               api_document("responses", r, "\"completed\":true", NULL));
    api_expect(200, parent, print("PUT /api/v1/studies/%s/responses/%s/", study_uuid, r).p, "%s",
               api_document("responses", r, "\"completed\":false", NULL));
    assert_non_null(api_value("data.attributes.hash_child_id"));
    api_expect(404, parent, print("PATCH /api/v1/studies/%s/responses/%s/", trials_uuid, r).p, "%s",
               api_document("responses", r, "\"completed\":true", NULL));
    assert_string_equal(stored(r, "completed"), "false");
}

/* As for reading: a response that the filters leave out is not there. */
static void filters_hold_for_changes_too(void **state)
{
    const char *r = begin();
    const struct {
        const char *name, *value;
        int status;
    } table[] = {
        {"child", "", 200},         {"child", child, 200},       {"child", sibling, 404},
        {"study", study_uuid, 200}, {"study", trials_uuid, 404}, {"child", "abc", 400},
        {"study", "abc", 400},      {"x", "abc", 200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *body = api_document("responses", r, "\"completed\":true", NULL);
        api_expect(table[i].status, parent,
                   print("PATCH /api/v1/responses/%s/?%s=%s", r, table[i].name, table[i].value).p, "%s",
                   body);
        api_expect(
            table[i].status, parent,
            print("PUT /api/v1/studies/%s/responses/%s/?%s=%s", study_uuid, r, table[i].name, table[i].value)
                .p,
            "%s", body);
    }
    api_expect(400, parent, print("PUT /api/v1/responses/%s/?study=abc", r).p, "%s",
               api_document("responses", r, "", NULL));
    api_expect_fault(0, "invalid", "/data/relationships/study");
}

static void odd_shapes_are_saved_and_nothing_follows(void **state)
{
    const char *r = begin_in(external_uuid, "");

    (void)state;
    assert_string_equal(stored(r, "study_type"), "2");
    changed(r, "\"sequence\":[\"a\"],\"exp_data\":{\"a\":{}}");
    r = begin();
    changed(r, "\"sequence\":[\"0-a\"],\"exp_data\":{}");
    changed(r, "\"exp_data\":{\"0-a\":5}");
    changed(r, "\"exp_data\":{\"0-a\":{\"frameType\":5}}");
    r = begin_in(trials_uuid, "\"exp_data\":[]");
    (void)desk_sql("update response set study_type = 1 where uuid = '%s' returning id", r);
    changed(r, "\"exp_data\":[" TRIAL(0, "a") "]");
    assert_value("data.attributes.sequence", "[\"0-a\"]");
}

static void a_parent_who_told_nothing_takes_part_too(void **state)
{
    (void)state;
    api_expect(201, stranger, POST, "%s", api_document("responses", NULL, "", both(other_child, study_uuid)));
    assert_string_equal(
        desk_text("select demographic_snapshot is null from response order by id desc limit 1"), "true");
}

static void a_long_response_begins_once_however_often_it_is_sent(void **state)
{
    static char attributes[300000];
    static char first[37];
    int64_t before = responses();
    int n = snprintf(attributes, sizeof attributes,
                     "\"op_id\":\"0d3f0000-0000-4000-8000-0000000000aa\",\"exp_data\":{\"x\":\"");

    (void)state;
    memset(attributes + n, 'y', 200000);
    (void)snprintf(attributes + n + 200000, 10, "\"}");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(api_ask(parent, POST, NULL, posting(attributes)), 201);
        if (i == 0)
            (void)snprintf(first, sizeof first, "%s", api_value("data.id"));
        assert_value("data.id", first);
        assert_true(raw_has(api_header("Location"), first));
    }
    assert_int_equal(responses(), before + 1);
    assert_string_equal(stored(first, "length(exp_data->>'x')"), "200000");
    assert_int_equal(change(first, print("\"completed\":true").p), 200);
    assert_int_equal(change(first, strchr(attributes, ',') + 1), 200);
    assert_int_equal(strlen(api_value("data.attributes.exp_data")), 200008);
}

static void a_query_writes_nothing(void **state)
{
    (void)state;
    api_expect(400, parent, print("POST /api/v1/responses/?child=%s&study=%s", child, study_uuid).p, "%s",
               api_document("responses", NULL, "", NULL));
    api_expect(201, parent, "POST /api/v1/responses/?completed=true", "%s", posting(""));
    assert_value("data.attributes.completed", "false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(API_X_01_both_versions_write_alike),
        cmocka_unit_test(API_X_05_other_media_types_are_not_read),
        cmocka_unit_test(API_X_07_a_session_needs_its_token_and_a_token_needs_none),
        cmocka_unit_test(API_X_08_a_change_repeats_the_id_of_its_path),
        cmocka_unit_test(API_X_09_a_relationship_is_of_its_type),
        cmocka_unit_test(API_X_10_the_write_form_has_no_hash_and_no_date),
        cmocka_unit_test(an_answer_to_a_write_keeps_the_fields_that_were_asked_for),
        cmocka_unit_test(API_X_15_a_withdrawal_removes_what_was_recorded),
        cmocka_unit_test(API_X_16_a_consent_frame_marks_its_videos),
        cmocka_unit_test(API_X_17_camel_case_and_dashes_are_understood),
        cmocka_unit_test(API_X_19_a_child_that_was_taken_away_may_still_take_part),
        cmocka_unit_test(several_mistakes_come_at_once_by_their_places),
        cmocka_unit_test(each_attribute_has_its_rules),
        cmocka_unit_test(odd_values_that_can_be_are_kept),
        cmocka_unit_test(relationships_that_name_nobody_are_not_found),
        cmocka_unit_test(documents_that_are_none_are_refused),
        cmocka_unit_test(a_reader_does_not_change_a_familys_session),
        cmocka_unit_test(a_response_stays_with_its_child_and_study),
        cmocka_unit_test(the_route_below_a_study_writes_too),
        cmocka_unit_test(filters_hold_for_changes_too),
        cmocka_unit_test(odd_shapes_are_saved_and_nothing_follows),
        cmocka_unit_test(a_parent_who_told_nothing_takes_part_too),
        cmocka_unit_test(a_long_response_begins_once_however_often_it_is_sent),
        cmocka_unit_test(a_query_writes_nothing),
    };
    return cmocka_run_group_tests(tests, people_start, people_stop);
}
