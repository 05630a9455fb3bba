/* NEEDS: database */
/* responses over HTTP, as players and scripts write them: API-R-13 to 36 of the contract, each by its number.
 */
#include <stdio.h>
#include <stdlib.h>

#include "people.h"

/* ---- API-R: POST ---- */

static void API_R_13_a_parent_begins_a_response(void **state)
{
    int64_t before = responses();

    (void)state;
    api_expect(201, parent, POST, "%s",
               posting("\"global_event_timings\":[],\"exp_data\":{},\"sequence\":[],\"completed\":false,"
                       "\"completed_consent_frame\":false,\"survey_consent\":false,\"created_on\":null,"
                       "\"is_preview\":false,\"hash_child_id\":null,\"recording_method\":\"recordrtc\""));
    assert_value("data.type", "responses");
    assert_value("data.attributes.completed", "false");
    assert_value("data.attributes.recording_method", "recordrtc");
    assert_value("data.relationships.child.data.id", child);
    assert_int_equal(responses(), before + 1);
    assert_span(
        api_header("Location"),
        desk_text("select 'http://site.example/api/v1/responses/' || uuid || '/' from response order by id "
                  "desc limit 1"));
    assert_int_equal(
        desk_sql("select count(*) from event e join response r on r.uuid = e.subject where e.kind = "
                 "'response.created' and r.id = (select max(id) from response)"),
        1);
}

static void API_R_14_nobody_begins_one_for_anothers_child(void **state)
{
    int64_t before = responses();

    (void)state;
    api_expect(403, parent, POST, "%s", api_document("responses", NULL, "", both(other_child, study_uuid)));
    api_expect_fault(0, "permission_denied", "/data");
    api_expect(403, superuser, POST, "%s", posting(""));
    api_expect(403, researcher, POST, "%s", posting("\"completed\":\"maybe\"")); /* whose it is comes first */
    assert_int_equal(responses(), before);
}

static void API_R_15_an_empty_document_is_no_document(void **state)
{
    (void)state;
    api_expect(400, parent, POST, "{}");
    api_expect_fault(0, "parse_error", "/data");
}

static void API_R_16_another_type_is_a_conflict(void **state)
{
    (void)state;
    api_expect(409, parent, POST, "%s", api_document("response", NULL, "", both(child, study_uuid)));
    api_expect_fault(0, "error", "/data");
}

static void API_R_17_a_response_without_a_child_is_refused(void **state)
{
    (void)state;
    api_expect(400, parent, POST, "%s",
               api_document("responses", NULL, "", api_relation("study", "studies", study_uuid)));
    api_expect_fault(0, "required", "/data/relationships/child");
}

static void API_R_18_a_response_without_a_study_is_refused(void **state)
{
    (void)state;
    api_expect(400, parent, POST, "%s",
               api_document("responses", NULL, "", api_relation("child", "children", child)));
    api_expect_fault(0, "required", "/data/relationships/study");
}

static void API_R_19_no_attributes_are_needed(void **state)
{
    (void)state;
    api_expect(201, parent, POST, "%s", posting(""));
    assert_value("data.attributes.recording_method", "pipe");
    assert_value("data.attributes.global_event_timings", "{}");
    api_expect(201, parent, POST, "%s", posting(NULL));
}

/* ---- API-R: PATCH ---- */

static void API_R_20_the_sequence_is_as_it_was_sent(void **state)
{
    const char *r = begin();

    (void)state;
    changed(r, "\"exp_data\":{\"0-a\":{}},\"sequence\":[\"0-a\",\"0-b\"],\"completed\":true");
    assert_value("data.attributes.sequence", "[\"0-a\",\"0-b\"]");
    assert_value("data.attributes.completed", "true");
    assert_string_equal(stored(r, "sequence"), "{0-a,0-b}");
}

static void API_R_21_keys_below_the_top_level_stay_as_they_are(void **state)
{
    static const char data[] =
        "{\"0-aB-c\":{\"camelCase\":[{\"dash-ed\":1,\"3digits\":null}],\"Z\":{}},\"b_c\":1.50}";
    const char *r = begin();

    (void)state;
    changed(r, print("\"exp_data\":%s,\"sequence\":[\"0-aB-c\"],\"completed\":\"False\","
                     "\"completed_consent_frame\":\"true\"",
                     data)
                   .p);
    assert_value("data.attributes.exp_data", data);
    assert_value("data.attributes.sequence", "[\"0-aB-c\"]");
    assert_value("data.attributes.completed", "false");
    assert_value("data.attributes.completed_consent_frame", "true");
}

static void API_R_22_a_change_of_nothing_is_one(void **state)
{
    const char *r = begin_in(trials_uuid, "\"exp_data\":[]");

    (void)state;
    assert_int_equal(change_by(parent, "PATCH", r, NULL, both(child, trials_uuid)), 200);
    assert_value("data.attributes.sequence", "[]");
    assert_int_equal(api_ask(parent, print("PATCH /api/v1/responses/%s/", r).p, NULL, ""), 200);
}

static void API_R_23_trials_make_the_sequence(void **state)
{
    (void)state;
    changed(begin_in(trials_uuid, "\"exp_data\":[]"),
            "\"exp_data\":[" TRIAL(10, "video-config") "," TRIAL(11, "video-consent") "]");
    assert_value("data.attributes.sequence", "[\"10-video-config\",\"11-video-consent\"]");
}

static void API_R_24_a_sequence_beside_trials_is_ignored(void **state)
{
    (void)state;
    changed(begin_in(trials_uuid, "\"exp_data\":[]"),
            "\"exp_data\":[" TRIAL(1, "a") "],\"sequence\":[\"x\"]");
    assert_value("data.attributes.sequence", "[\"1-a\"]");
}

static const char *with_three_trials(void)
{
    const char *r = begin_in(trials_uuid, "\"exp_data\":[]");

    changed(r, "\"exp_data\":[" TRIAL(0, "a") "," TRIAL(1, "b") "," TRIAL(2, "c") "]");
    return r;
}

static void API_R_25_without_trials_the_data_stay(void **state)
{
    const char *r = with_three_trials();

    (void)state;
    changed(r, "\"completed\":true");
    assert_value("data.attributes.sequence", "[\"0-a\",\"1-b\",\"2-c\"]");
    assert_string_equal(stored(r, "jsonb_array_length(exp_data)"), "3");
}

static void API_R_26_nothing_is_deleted_here(void **state)
{
    (void)state;
    assert_int_equal(api_ask(superuser, print("DELETE /api/v1/responses/%s/", begin()).p, NULL, NULL), 405);
    api_expect_fault(0, "method_not_allowed", "/data");
}

static void API_R_27_well_formed_trials_are_counted(void **state)
{
    (void)state;
    (void)with_three_trials();
    assert_value("data.attributes.sequence", "[\"0-a\",\"1-b\",\"2-c\"]");
}

static void API_R_28_no_data_over_none_leave_no_sequence(void **state)
{
    (void)state;
    changed(begin_in(trials_uuid, "\"exp_data\":[]"), "\"completed_consent_frame\":true");
    assert_value("data.attributes.sequence", "[]");
}

static void assert_said(const char *part)
{
    if (!strstr(api_value("errors.0.detail"), part))
        fail_msg("\"%s\" is not in \"%s\"", part, api_value("errors.0.detail"));
}

static void API_R_29_trials_that_are_no_list_are_refused_by_their_kind(void **state)
{
    static const char *const kinds[][2] = {
        {"42", "int"}, {"{\"a\":1}", "dict"}, {"\"text\"", "str"}, {"1.5", "float"}, {"true", "bool"}};
    const char *r = begin_in(trials_uuid, "\"exp_data\":[]");

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_int_equal(change(r, print("\"exp_data\":%s", kinds[i][0]).p), 400);
        api_expect_fault(0, "invalid", "/data/attributes/exp_data");
        assert_said(print("jsPsych exp_data must be a list, instead received %s", kinds[i][1]).p);
    }
}

static void API_R_30_trials_that_are_no_objects_are_passed_over(void **state)
{
    (void)state;
    changed(begin_in(trials_uuid, "\"exp_data\":[]"), "\"exp_data\":[5,\"x\",[1],null," TRIAL(4, "e") "]");
    assert_value("data.attributes.sequence", "[\"4-e\"]");
}

static void API_R_31_trials_without_number_or_kind_are_passed_over(void **state)
{
    (void)state;
    changed(begin_in(trials_uuid, "\"exp_data\":[]"), "\"exp_data\":[{\"trial_index\":0},{\"trial_type\":"
                                                      "\"a\"},{\"trial_index\":null,\"trial_type\":\"b\"},"
                                                      "{}," TRIAL(4, "e") "]");
    assert_value("data.attributes.sequence", "[\"4-e\"]");
}

static void API_R_32_what_is_not_sent_stays(void **state)
{
    const char *r = with_three_trials();

    (void)state;
    changed(r, "\"conditions\":{\"id\":5}"); /* data, though it looks like an id */
    assert_string_equal(stored(r, "sequence"), "{0-a,1-b,2-c}");
    assert_string_equal(stored(r, "conditions->>'id'"), "5");
    changed(r, "\"sequence\":[\"0-x\"]");
    assert_value("data.attributes.sequence", "[\"0-x\"]");
    assert_string_equal(stored(r, "jsonb_array_length(exp_data)"), "3");
}

static void API_R_33_data_do_not_become_null(void **state)
{
    const char *r = with_three_trials();

    (void)state;
    assert_int_equal(change(r, "\"exp_data\":null"), 400);
    api_expect_fault(0, "null", "/data/attributes/exp_data");
    assert_said("This field may not be null.");
}

static void API_R_34_trials_do_not_become_fewer(void **state)
{
    const char *r = with_three_trials();

    (void)state;
    assert_int_equal(change(r, "\"exp_data\":[" TRIAL(0, "a") "]"), 400);
    api_expect_fault(0, "invalid", "/data/attributes/exp_data");
    assert_said("Rejected jsPsych PATCH update: exp_data cannot reduce in length");
    assert_int_equal(change(r, "\"exp_data\":[" TRIAL(0, "a") "," TRIAL(1, "b") "]"), 400);
    assert_int_equal(change_by(parent, "PUT", r, "\"exp_data\":[]", NULL), 400);
    assert_string_equal(stored(r, "jsonb_array_length(exp_data)"), "3");
}

static void API_R_35_as_many_trials_may_be_others(void **state)
{
    const char *r = with_three_trials();

    (void)state;
    changed(r, "\"exp_data\":[" TRIAL(5, "x") "," TRIAL(6, "y") "," TRIAL(7, "z") "]");
    assert_value("data.attributes.sequence", "[\"5-x\",\"6-y\",\"7-z\"]");
}

static void API_R_36_trials_become_more_again_and_again(void **state)
{
    struct arena *a = arena_new();
    const char *r = with_three_trials();
    struct text t = {0};

    (void)state;
    text_add(a, &t, SPAN("\"exp_data\":[" TRIAL(0, "a") "," TRIAL(1, "b") "," TRIAL(2, "c")));
    for (int i = 3; i < 8; i++) {
        text_print(a, &t, ",{\"trial_index\":%d,\"trial_type\":\"m\"}", i);
        changed(r, arena_print(a, "%.*s]", (int)t.n, t.p).p);
        assert_string_equal(api_value(arena_print(a, "data.attributes.sequence.%d", i).p),
                            arena_print(a, "%d-m", i).p);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(API_R_13_a_parent_begins_a_response),
        cmocka_unit_test(API_R_14_nobody_begins_one_for_anothers_child),
        cmocka_unit_test(API_R_15_an_empty_document_is_no_document),
        cmocka_unit_test(API_R_16_another_type_is_a_conflict),
        cmocka_unit_test(API_R_17_a_response_without_a_child_is_refused),
        cmocka_unit_test(API_R_18_a_response_without_a_study_is_refused),
        cmocka_unit_test(API_R_19_no_attributes_are_needed),
        cmocka_unit_test(API_R_20_the_sequence_is_as_it_was_sent),
        cmocka_unit_test(API_R_21_keys_below_the_top_level_stay_as_they_are),
        cmocka_unit_test(API_R_22_a_change_of_nothing_is_one),
        cmocka_unit_test(API_R_23_trials_make_the_sequence),
        cmocka_unit_test(API_R_24_a_sequence_beside_trials_is_ignored),
        cmocka_unit_test(API_R_25_without_trials_the_data_stay),
        cmocka_unit_test(API_R_26_nothing_is_deleted_here),
        cmocka_unit_test(API_R_27_well_formed_trials_are_counted),
        cmocka_unit_test(API_R_28_no_data_over_none_leave_no_sequence),
        cmocka_unit_test(API_R_29_trials_that_are_no_list_are_refused_by_their_kind),
        cmocka_unit_test(API_R_30_trials_that_are_no_objects_are_passed_over),
        cmocka_unit_test(API_R_31_trials_without_number_or_kind_are_passed_over),
        cmocka_unit_test(API_R_32_what_is_not_sent_stays),
        cmocka_unit_test(API_R_33_data_do_not_become_null),
        cmocka_unit_test(API_R_34_trials_do_not_become_fewer),
        cmocka_unit_test(API_R_35_as_many_trials_may_be_others),
        cmocka_unit_test(API_R_36_trials_become_more_again_and_again),
    };
    return cmocka_run_group_tests(tests, people_start, people_stop);
}
