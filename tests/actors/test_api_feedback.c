/* NEEDS: database */
/* feedback over HTTP: API-F-12 to 22 of the contract, each by its number, and what its chapter 10 decides. */
#include <stdio.h>
#include <stdlib.h>

#include "people.h"

#define WRITE "POST /api/v1/feedback/"

static char about[37], unconsented[37], hers[37]; /* responses; feedback by the researcher */

static int64_t feedbacks(void)
{
    return desk_sql("select count(*) from feedback");
}

static const char *saying(const char *comment, const char *response)
{
    return api_document("feedback", NULL, comment ? print("\"comment\":%s", comment).p : "",
                        response ? api_relation("response", "responses", response) : NULL);
}

static int change_feedback(int64_t account, const char *method, const char *attributes, const char *response)
{
    return api_ask(account, print("%s /api/v1/feedback/%s/", method, hers).p, NULL,
                   api_document("feedback", hers, attributes,
                                response ? api_relation("response", "responses", response) : NULL));
}

static const char *comment(void)
{
    return desk_text("select comment from feedback where uuid = '%s'", hers);
}

/* Somebody with these permissions on the study, and no more. */
static int64_t holder(const char *name, const char *permissions)
{
    int64_t id = desk_account(name, true);

    (void)desk_sql(
        "insert into permit (study, permission, account) select %lld, p.id, %lld from permission p where "
        "p.name = any ('%s') returning account",
        (long long)study, (long long)id, permissions);
    return id;
}

static void API_F_12_another_participant_does_not_find_it(void **state)
{
    (void)state;
    assert_int_equal(api_ask(stranger, print("GET /api/v1/feedback/%s/", hers).p, NULL, NULL), 404);
    assert_int_equal(change_feedback(stranger, "PATCH", "\"comment\":\"x\"", NULL), 404);
    api_expect_fault(0, "not_found", NULL);
}

static void API_F_13_nobody_writes_without_saying_who(void **state)
{
    int64_t before = feedbacks();

    (void)state;
    assert_int_equal(api_ask(0, WRITE, NULL, saying("\"Thank you!\"", about)), 401);
    assert_int_equal(feedbacks(), before);
}

static void API_F_14_who_may_write_feedback_does(void **state)
{
    int64_t writer = holder("f14@uni.example", "{edit_feedback,read_data}"), before = feedbacks();
    int64_t others = desk_sql("select (select count(*) from response) + (select count(*) from study)");

    (void)state;
    api_expect(201, writer, WRITE, "%s", saying("\"Thank you!\"", about));
    assert_value("data.type", "feedback");
    assert_value("data.attributes.comment", "Thank you!");
    assert_value("data.relationships.response.data.id", about);
    assert_value("data.relationships.researcher.data.id",
                 desk_text("select uuid from account where id = %lld", (long long)writer));
    assert_span(api_header("Location"), api_value("data.links.self"));
    assert_int_equal(feedbacks(), before + 1);
    assert_int_equal(desk_sql("select (select count(*) from response) + (select count(*) from study)"),
                     others);
    assert_int_equal(desk_sql("select count(*) from event where kind = 'feedback.added' and account = %lld",
                              (long long)writer),
                     1);
}

static void API_F_15_reading_is_not_writing(void **state)
{
    int64_t before = feedbacks();

    (void)state;
    api_expect(403, holder("f15@uni.example", "{read_data}"), WRITE, "%s", saying("\"x\"", about));
    api_expect_fault(0, "permission_denied", "/data");
    assert_int_equal(feedbacks(), before);
}

static void API_F_16_a_parent_does_not_write_to_herself(void **state)
{
    (void)state;
    api_expect(403, parent, WRITE, "%s", saying("\"x\"", about));
}

static void API_F_17_an_unknown_response_is_not_found(void **state)
{
    (void)state;
    api_expect(404, researcher, WRITE, "%s", saying("\"x\"", NOBODY));
    api_expect_fault(0, "not_found", NULL);
    api_expect(404, researcher, WRITE, "%s", saying("\"x\"", "abc"));
}

static void API_F_18_another_type_is_a_conflict(void **state)
{
    (void)state;
    api_expect(409, researcher, WRITE, "%s", api_document("feedbacks", NULL, "\"comment\":\"x\"", NULL));
    api_expect(
        409, researcher, WRITE, "%s",
        api_document("feedback", NULL, "\"comment\":\"x\"", api_relation("response", "response", about)));
}

static void API_F_19_feedback_is_about_a_response(void **state)
{
    (void)state;
    api_expect(400, researcher, WRITE, "%s", saying("\"x\"", NULL));
    api_expect_fault(0, "required", "/data/relationships/response");
    api_expect(400, researcher, WRITE, "%s",
               api_document("feedback", NULL, "\"comment\":\"x\"", "\"response\":{\"data\":null}"));
    api_expect_fault(0, "null", "/data/relationships/response");
}

static void API_F_20_feedback_says_something(void **state)
{
    static const char *const bad[][2] = {
        {"null", "null"},    {"\"\"", "blank"},      {"\" \\n \"", "blank"},
        {"true", "invalid"}, {"[\"x\"]", "invalid"}, {"\"a\\u0000b\"", "null_characters_not_allowed"}};

    (void)state;
    api_expect(400, researcher, WRITE, "%s", saying(NULL, about));
    api_expect_fault(0, "required", "/data/attributes/comment");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        api_expect(400, researcher, WRITE, "%s", saying(bad[i][0], about));
        api_expect_fault(0, bad[i][1], "/data/attributes/comment");
    }
    api_expect(400, researcher, WRITE, "%s", saying(NULL, NULL));
    api_expect_fault(0, "required", "/data/attributes/comment");
    api_expect_fault(1, "required", "/data/relationships/response");
    api_expect(201, researcher, WRITE, "%s", saying("\"  a b \\n\"", about));
    assert_value("data.attributes.comment", "a b");
    api_expect(201, researcher, WRITE, "%s", saying("5", about));
    assert_value("data.attributes.comment", "5");
}

static void API_F_21_other_words_may_be_found(void **state)
{
    (void)state;
    assert_int_equal(change_feedback(researcher, "PATCH", "\"comment\":\"changed\"", about), 200);
    assert_value("data.attributes.comment", "changed");
    assert_string_equal(comment(), "changed");
    assert_int_equal(change_feedback(researcher, "PATCH", "\"comment\":\"again\"", NULL), 200);
    assert_int_equal(change_feedback(researcher, "PATCH", "", NULL), 200);
    assert_value("data.attributes.comment", "again");
}

static void API_F_22_nothing_is_deleted_here(void **state)
{
    (void)state;
    assert_int_equal(api_ask(researcher, print("DELETE /api/v1/feedback/%s/", hers).p, NULL, NULL), 405);
    assert_int_equal(api_ask(researcher, "PUT /api/v1/feedback/", NULL, saying("\"x\"", about)), 405);
}

static void API_X_20_feedback_has_no_number(void **state)
{
    (void)state;
    api_expect(201, researcher, WRITE, "%s", saying("\"Thank you!\"", about));
    assert_value("data.attributes.pk", "null");
}

static void a_parent_does_not_rewrite_what_was_said_to_her(void **state)
{
    (void)state;
    assert_int_equal(change_feedback(parent, "PATCH", "\"comment\":\"x\"", NULL), 403);
    assert_int_equal(change_feedback(parent, "PATCH", "\"comment\":\"x\"", about), 403);
    assert_int_equal(
        change_feedback(holder("reader@uni.example", "{read_data}"), "PUT", "\"comment\":\"x\"", NULL), 403);
    assert_int_equal(change_feedback(0, "PATCH", "\"comment\":\"x\"", NULL), 401);
    assert_string_not_equal(comment(), "x");
}

static void feedback_that_cannot_be_read_cannot_be_changed(void **state)
{
    int64_t writer = holder("writer@uni.example", "{edit_feedback}");

    (void)state;
    assert_int_equal(change_feedback(writer, "PATCH", "\"comment\":\"x\"", about), 404);
    api_expect(201, writer, WRITE, "%s", saying("\"To come\"", unconsented));
}

static void a_change_has_the_rules_of_a_beginning(void **state)
{
    (void)state;
    assert_int_equal(change_feedback(researcher, "PATCH", "\"comment\":\"\"", NULL), 400);
    api_expect_fault(0, "blank", "/data/attributes/comment");
    assert_int_equal(change_feedback(researcher, "PATCH", "\"comment\":null", NULL), 400);
    api_expect_fault(0, "null", "/data/attributes/comment");
    assert_int_equal(change_feedback(researcher, "PATCH", "\"comment\":\"x\"", NOBODY), 404);
    api_expect(400, researcher, print("PATCH /api/v1/feedback/%s/", hers).p, "%s", saying("\"x\"", NULL));
    api_expect_fault(0, "parse_error", "/data");
    assert_int_equal(change_feedback(researcher, "PUT", "\"comment\":\"whole\"", about), 200);
    assert_value("data.attributes.comment", "whole");
    assert_int_equal(change_feedback(researcher, "PUT", "\"comment\":\"x\"", NULL), 400);
    api_expect_fault(0, "required", "/data/relationships/response");
    assert_int_equal(change_feedback(researcher, "PUT", "", about), 400);
    api_expect_fault(0, "required", "/data/attributes/comment");
}

static void feedback_may_move_to_another_response(void **state)
{
    const char *other = begin();

    (void)state;
    assert_int_equal(change_feedback(researcher, "PATCH", "\"comment\":\"moved\"", other), 200);
    assert_value("data.relationships.response.data.id", other);
    (void)desk_sql(
        "update feedback set response = (select id from response where uuid = '%s') where uuid = '%s' "
        "returning id",
        about, hers);
}

static void the_writer_is_who_asks_whoever_is_named(void **state)
{
    (void)state;
    api_expect(201, researcher, WRITE, "%s",
               api_document("feedback", NULL, "\"comment\":\"x\"",
                            print("%s,%s", api_relation("response", "responses", about),
                                  api_relation("researcher", "users", NOBODY))
                                .p));
    assert_value("data.relationships.researcher.data.id",
                 desk_text("select uuid from account where id = %lld", (long long)researcher));
}

static int start(void **state)
{
    people_start(state);
    (void)snprintf(about, sizeof about, "%s", begin());
    (void)snprintf(unconsented, sizeof unconsented, "%s", begin());
    (void)desk_sql("update response set completed_consent_frame = true where uuid = '%s' returning id",
                   about);
    (void)desk_sql(
        "insert into consent_ruling (action, response) select 'accepted', id from response where uuid = "
        "'%s' returning id",
        about);
    (void)snprintf(
        hers, sizeof hers, "%s",
        desk_text("insert into feedback (response, researcher, comment) select id, %lld, 'Thank you' from "
                  "response where uuid = '%s' returning uuid",
                  (long long)researcher, about));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(API_F_12_another_participant_does_not_find_it),
        cmocka_unit_test(API_F_13_nobody_writes_without_saying_who),
        cmocka_unit_test(API_F_14_who_may_write_feedback_does),
        cmocka_unit_test(API_F_15_reading_is_not_writing),
        cmocka_unit_test(API_F_16_a_parent_does_not_write_to_herself),
        cmocka_unit_test(API_F_17_an_unknown_response_is_not_found),
        cmocka_unit_test(API_F_18_another_type_is_a_conflict),
        cmocka_unit_test(API_F_19_feedback_is_about_a_response),
        cmocka_unit_test(API_F_20_feedback_says_something),
        cmocka_unit_test(API_F_21_other_words_may_be_found),
        cmocka_unit_test(API_F_22_nothing_is_deleted_here),
        cmocka_unit_test(API_X_20_feedback_has_no_number),
        cmocka_unit_test(a_parent_does_not_rewrite_what_was_said_to_her),
        cmocka_unit_test(feedback_that_cannot_be_read_cannot_be_changed),
        cmocka_unit_test(a_change_has_the_rules_of_a_beginning),
        cmocka_unit_test(feedback_may_move_to_another_response),
        cmocka_unit_test(the_writer_is_who_asks_whoever_is_named),
    };
    return cmocka_run_group_tests(tests, start, people_stop);
}
