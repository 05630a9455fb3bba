/* NEEDS: database */
/* responses: what labs rule, note and say, and what families find in their history. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "desk.h"
#include "responses.h"

static struct rig rig = {.name = "gateway"};
static int64_t parent, stranger, researcher, previewer, study, child, real, preview, old;
static char real_uuid[37], preview_uuid[37], old_uuid[37];

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define OF(viewer_id) .viewer = (uint64_t)(viewer_id), .study = (uint64_t)study

static int page(int64_t viewer, const char *state)
{
    return ASK(consent_page, OF(viewer), .state = span_of(state), .has_state = state != NULL);
}

static int rule(int64_t viewer, const char *action, const char *uuid, const char *comment)
{
    struct span one = span_of(uuid);
    struct consent_rule m = {OF(viewer), .comment = span_of(comment), .has_comment = comment != NULL};

    if (strcmp(action, "accepted") == 0)
        m.accepted = (struct list){&one, 1}, m.has_accepted = true;
    else if (strcmp(action, "rejected") == 0)
        m.rejected = (struct list){&one, 1}, m.has_rejected = true;
    else
        m.pending = (struct list){&one, 1}, m.has_pending = true;
    return rig_call(&rig, &MESSAGE_consent_rule, &m);
}

static const char *ruling(int64_t response)
{
    return desk_text("select ruling from response where id = %lld", (long long)response);
}

static int64_t rulings(int64_t response)
{
    return desk_sql("select count(*) from consent_ruling where response = %lld", (long long)response);
}

/* ---- consent ---- */

static void sessions_with_a_consent_frame_wait_to_be_judged(void **state)
{
    (void)state;
    assert_int_equal(page(researcher, NULL), 0);
    assert_string_equal(desk_doc(&rig, "state"), "pending");
    assert_string_equal(desk_doc(&rig, "counts.total"), "3");
    assert_string_equal(desk_doc(&rig, "counts.pending"), "3");
    assert_string_equal(desk_doc(&rig, "responses.0.uuid"), real_uuid);
    assert_string_equal(desk_doc(&rig, "responses.0.child.given_name"), "Mo");
    assert_string_equal(desk_doc(&rig, "responses.0.participant.country"), "DE");
    assert_string_equal(
        desk_doc(&rig, "responses.0.videos.0.link"),
        desk_text(
            "select '/exp/studies/%lld/responses/videos/' || id || '/' from video where is_consent_footage",
            (long long)study));
    assert_null(desk_doc(&rig, "responses.0.videos.1.link"));
    assert_int_equal(page(stranger, NULL), ERR_NOTFOUND);
    assert_int_equal(page(parent, NULL), ERR_NOTFOUND);
    assert_int_equal(page(previewer, NULL), 0);
    assert_string_equal(desk_doc(&rig, "counts.total"), "1");
    assert_string_equal(desk_doc(&rig, "responses.0.uuid"), preview_uuid);
}

static void each_ruling_is_a_new_row_and_the_newest_counts(void **state)
{
    (void)state;
    assert_int_equal(rule(researcher, "accepted", real_uuid, "clear"), 0);
    assert_string_equal(ruling(real), "accepted");
    assert_int_equal(rule(researcher, "rejected", real_uuid, NULL), 0);
    assert_int_equal(rule(researcher, "pending", real_uuid, NULL), 0);
    assert_string_equal(ruling(real), "pending");
    assert_int_equal(rulings(real), 3);
    assert_int_equal(rule(researcher, "accepted", real_uuid, NULL), 0);
    assert_int_equal(
        desk_sql("select count(*) from event where kind = 'consent.ruled' and subject = '%s'", real_uuid), 4);
    assert_int_equal(page(researcher, "accepted"), 0);
    assert_string_equal(desk_doc(&rig, "responses.0.uuid"), real_uuid);
    assert_string_equal(desk_doc(&rig, "counts.accepted_children"), "1");
}

static void a_comment_alone_repeats_the_ruling(void **state)
{
    int64_t before = rulings(real);

    (void)state;
    assert_int_equal(
        ASK(consent_rule, OF(researcher), .has_comments = true,
            .comments = arena_print(rig.arena, "{\"%s\":\" look again \",\"nonsense\":\"x\"}", real_uuid)),
        0);
    assert_int_equal(rulings(real), before + 1);
    assert_string_equal(
        desk_text("select action || ':' || comments from consent_ruling order by id desc limit 1"),
        "accepted:look again");
    assert_int_equal(page(researcher, "accepted"), 0);
    assert_string_equal(desk_doc(&rig, "responses.0.comment"), "look again");
    assert_int_equal(ASK(consent_rule, OF(researcher), .has_comments = true, .comments = SPAN("[1]")),
                     ERR_INVALID);
}

static void nobody_rules_on_what_is_not_theirs(void **state)
{
    int64_t before = desk_sql("select count(*) from consent_ruling");

    (void)state;
    assert_int_equal(rule(stranger, "accepted", real_uuid, NULL), ERR_NOTFOUND);
    assert_int_equal(rule(previewer, "rejected", real_uuid, NULL), 0); /* passed over */
    assert_int_equal(rule(researcher, "accepted", "99999999-0000-4000-8000-000000000009", NULL), 0);
    assert_int_equal(rule(researcher, "accepted", "not-an-id", NULL), 0);
    assert_int_equal(desk_sql("select count(*) from consent_ruling"), before);
    assert_int_equal(rule(previewer, "accepted", preview_uuid, NULL), 0);
    assert_string_equal(ruling(preview), "accepted");
}

static struct db *other;
static int other_err;

/* Rules and ends once somebody waits for this connection. */
static void *other_rules(void *unused)
{
    static char sql[600];
    const char *why;

    (void)unused;
    (void)snprintf(
        sql, sizeof sql,
        "do $$begin for i in 1..3000 loop exit when exists (select from pg_locks where not granted); "
        "perform pg_sleep(0.01); end loop; end$$;"
        "insert into consent_ruling (created_at, action, response) values (clock_timestamp(), "
        "'accepted', %lld); commit",
        (long long)real);
    other_err = db_script(other, sql, &why);
    return NULL;
}

static void of_two_who_rule_at_once_the_later_one_counts(void **state)
{
    char sql[120];
    const char *why;
    pthread_t thread;

    (void)state;
    assert_int_equal(db_open(&other, getenv("DATABASE_URL"), "other", NULL, 60000), 0);
    (void)snprintf(sql, sizeof sql, "begin; select id from response where id = %lld for update",
                   (long long)real);
    assert_int_equal(db_script(other, sql, &why), 0);
    assert_int_equal(pthread_create(&thread, NULL, other_rules, NULL), 0);
    assert_int_equal(rule(researcher, "rejected", real_uuid, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    db_close(&other);
    assert_int_equal(other_err, 0);
    assert_string_equal(ruling(real), "rejected");
    assert_string_equal(
        desk_text("select action from consent_ruling where response = %lld order by created_at "
                  "desc, id desc limit 1",
                  (long long)real),
        "rejected");
    assert_int_equal(rule(researcher, "accepted", real_uuid, NULL), 0);
}

static void an_old_acceptance_leaves_the_list_and_stays_in_the_figures(void **state)
{
    (void)state;
    assert_int_equal(rule(researcher, "accepted", old_uuid, NULL), 0);
    (void)desk_sql("update consent_ruling set created_at = now() - interval '22 days' where response = %lld "
                   "returning id",
                   (long long)old);
    assert_int_equal(page(researcher, "accepted"), 0);
    assert_string_equal(desk_doc(&rig, "counts.accepted"), "3");
    assert_string_equal(desk_doc(&rig, "states.1.count"), "2");
}

/* ---- the list ---- */

static int list(int64_t viewer, const char *match, const char *uuid)
{
    struct response_list m = {OF(viewer), .match = span_of(match), .has_match = match != NULL,
                              .has_response = uuid};

    if (uuid)
        assert_int_equal(uuid_read(span_of(uuid), &m.response), 0);
    return rig_call(&rig, &MESSAGE_response_list, &m);
}

static void the_list_shows_consented_sessions_and_one_in_full(void **state)
{
    (void)state;
    assert_int_equal(list(researcher, NULL, NULL), 0);
    assert_string_equal(desk_doc(&rig, "responses.0.uuid"), real_uuid);
    assert_string_equal(desk_doc(&rig, "responses.0.is_here"), "true");
    assert_string_equal(desk_doc(&rig, "selected.uuid"), real_uuid);
    assert_string_equal(desk_doc(&rig, "selected.columns.0.name"), "response__id");
    assert_string_equal(desk_doc(&rig, "selected.videos.0.name"), "1-consent (consent)");
    assert_non_null(strstr(desk_doc(&rig, "selected.child_id"), "-mo"));
    assert_int_equal(list(researcher, NULL, old_uuid), 0);
    assert_string_equal(desk_doc(&rig, "selected.uuid"), old_uuid);
    assert_int_equal(list(researcher, "-MO", NULL), 0);
    assert_non_null(desk_doc(&rig, "responses.0.uuid"));
    assert_int_equal(list(researcher, "zzz", NULL), 0);
    assert_null(desk_doc(&rig, "responses.0.uuid"));
    assert_int_equal(list(stranger, NULL, NULL), ERR_NOTFOUND);
    assert_int_equal(list(previewer, NULL, real_uuid), 0);
    assert_null(desk_doc(&rig, "selected.uuid"));
    assert_string_equal(desk_doc(&rig, "note"), "You see previews only.");
}

static int note(int64_t viewer, int64_t response, const char *field, const char *value)
{
    return ASK(response_note, OF(viewer), .responseId = (uint64_t)response, .field = span_of(field),
               .value = span_of(value));
}

static void notes_take_their_own_values_only(void **state)
{
    (void)state;
    assert_int_equal(note(researcher, real, "researcher_payment_status", "\"to_pay\""), 0);
    assert_int_equal(note(researcher, real, "researcher_star", "true"), 0);
    assert_int_equal(note(researcher, real, "researcher_session_status", "\"\""), 0);
    assert_string_equal(
        desk_text("select researcher_payment_status || researcher_star from response where id = %lld",
                  (long long)real),
        "to_paytrue");
    assert_int_equal(note(researcher, real, "researcher_payment_status", "\"much\""), ERR_INVALID);
    assert_int_equal(note(researcher, real, "researcher_payment_status", "null"), ERR_INVALID);
    assert_int_equal(note(researcher, real, "researcher_star", "\"true\""), ERR_INVALID);
    assert_int_equal(note(researcher, real, "exp_data", "{}"), ERR_INVALID);
    assert_int_equal(note(researcher, 999999, "researcher_star", "true"), ERR_NOTFOUND);
    assert_int_equal(note(previewer, preview, "researcher_star", "true"), ERR_DENIED);
    assert_int_equal(note(stranger, real, "researcher_star", "true"), ERR_NOTFOUND);
}

static void words_for_the_family_are_left_and_mended(void **state)
{
    int64_t id;

    (void)state;
    assert_int_equal(ASK(response_feedback, OF(researcher), .comment = SPAN("Thank you!"),
                         .response_id = (uint64_t)real, .has_response_id = true),
                     0);
    id = desk_sql("select max(id) from feedback");
    assert_int_equal(ASK(response_feedback, OF(researcher), .comment = SPAN("Thanks a lot!"),
                         .feedback_id = (uint64_t)id, .has_feedback_id = true),
                     0);
    assert_int_equal(ASK(response_feedback, OF(researcher), .comment = SPAN(""),
                         .response_id = (uint64_t)real, .has_response_id = true),
                     ERR_INVALID);
    assert_int_equal(ASK(response_feedback, OF(previewer), .comment = SPAN("x"),
                         .response_id = (uint64_t)preview, .has_response_id = true),
                     ERR_DENIED);
    assert_int_equal(ASK(response_feedback, OF(parent), .comment = SPAN("x"), .response_id = (uint64_t)real,
                         .has_response_id = true),
                     ERR_NOTFOUND);
    assert_string_equal(desk_text("select string_agg(comment, '|') from feedback"), "Thanks a lot!");
}

static void downloads_say_how_much_there_is(void **state)
{
    (void)state;
    assert_int_equal(ASK(response_downloads, OF(researcher)), 0);
    assert_string_equal(desk_doc(&rig, "count"), "3");
    assert_string_equal(desk_doc(&rig, "previews.count"), "1");
    assert_string_equal(desk_doc(&rig, "options.0.value"), "participant__global_id");
    assert_int_equal(ASK(response_downloads, OF(stranger)), ERR_NOTFOUND);
}

/* ---- families ---- */

static void a_family_sees_its_own_sessions_and_nobody_elses(void **state)
{
    (void)state;
    assert_int_equal(ASK(response_history, .viewer = (uint64_t)parent), 0);
    assert_string_equal(desk_doc(&rig, "studies.0.name"), "Ball");
    assert_string_equal(desk_doc(&rig, "studies.0.responses.0.child_name"), "Mo");
    assert_string_equal(desk_doc(&rig, "studies.0.responses.0.is_accepted"), "true");
    assert_string_equal(desk_doc(&rig, "studies.0.responses.0.videos.0.name"), "Consent");
    assert_string_equal(desk_doc(&rig, "studies.0.responses.0.videos.1.name"), "Part 1");
    assert_string_equal(desk_doc(&rig, "studies.0.responses.0.feedback.0.comment"), "Thanks a lot!");
    assert_null(desk_doc(&rig, "studies.0.responses.3.uuid")); /* the unfinished one is not shown */
    assert_int_equal(ASK(response_history, .viewer = (uint64_t)parent, .past_studies_tabs = SPAN("1"),
                         .has_past_studies_tabs = true),
                     0);
    assert_null(desk_doc(&rig, "studies.0.name"));
    assert_int_equal(ASK(response_history, .viewer = (uint64_t)stranger, .page = SPAN("x"), .has_page = true),
                     0);
    assert_null(desk_doc(&rig, "studies.0.name"));
    assert_int_equal(ASK(response_history_turn, .viewer = (uint64_t)parent, .past_studies_tabs = SPAN("1"),
                         .has_past_studies_tabs = true),
                     0);
    assert_string_equal(desk_location(&rig), "/studies/history/?past_studies_tabs=1");
}

static void previews_are_erased_with_all_that_hangs_on_them(void **state)
{
    (void)state;
    assert_int_equal(ASK(response_previews_delete, OF(stranger)), ERR_NOTFOUND);
    assert_int_equal(ASK(response_previews_delete, OF(previewer)), ERR_DENIED);
    assert_int_equal(ASK(response_previews_delete, OF(researcher)), 0);
    assert_int_equal(desk_sql("select count(*) from response where is_preview"), 0);
    assert_int_equal(desk_sql("select count(*) from response"), 3);
}

static int64_t response_add(const char *values, char uuid[37])
{
    int64_t id = desk_sql(
        "insert into response (study, child, demographic_snapshot, date_created, completed_consent_frame, "
        "is_preview) select %lld, %lld, d.id, %s from demographic d returning id",
        (long long)study, (long long)child, values);

    if (uuid)
        (void)snprintf(uuid, 37, "%s", desk_text("select uuid from response where id = %lld", (long long)id));
    return id;
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    parent = desk_account("ann@example.org", false);
    stranger = desk_account("bob@example.org", true);
    researcher = desk_account("kim@uni.example", true);
    previewer = desk_account("pat@uni.example", true);
    study = desk_sql("insert into study (name, study_type) values ('Ball', 1) returning id");
    (void)desk_sql(
        "insert into membership (account, user_group) select %lld, admin_group from study where id = %lld "
        "union all select %lld, preview_group from study where id = %lld returning account",
        (long long)researcher, (long long)study, (long long)previewer, (long long)study);
    child = desk_sql(
        "insert into child (account, given_name, birthday, gender) values (%lld, 'Mo', '2024-02-17', 'na') "
        "returning id",
        (long long)parent);
    (void)desk_sql("insert into demographic (account, country) values (%lld, 'DE') returning id",
                   (long long)parent);
    old = response_add("now() - interval '3 days', true, false", old_uuid);
    preview = response_add("now() - interval '2 days', true, true", preview_uuid);
    real = response_add("now() - interval '1 day', true, false", real_uuid);
    (void)response_add("now(), false, false", NULL); /* left before the consent */
    (void)desk_sql(
        "insert into video (s3_timestamp, frame_id, full_name, study, response, is_consent_footage) values "
        "(now(), '1-consent', 'consent.webm', %lld, %lld, true), (now(), '2-trial', 'trial.webm', %lld, "
        "%lld, "
        "false) returning id",
        (long long)study, (long long)real, (long long)study, (long long)real);
    rig_start(&rig, (struct roster_entry[]){{&responses_actor, 1, ""}, {0}});
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_with_a_consent_frame_wait_to_be_judged),
        cmocka_unit_test(each_ruling_is_a_new_row_and_the_newest_counts),
        cmocka_unit_test(a_comment_alone_repeats_the_ruling),
        cmocka_unit_test(nobody_rules_on_what_is_not_theirs),
        cmocka_unit_test(of_two_who_rule_at_once_the_later_one_counts),
        cmocka_unit_test(an_old_acceptance_leaves_the_list_and_stays_in_the_figures),
        cmocka_unit_test(the_list_shows_consented_sessions_and_one_in_full),
        cmocka_unit_test(notes_take_their_own_values_only),
        cmocka_unit_test(words_for_the_family_are_left_and_mended),
        cmocka_unit_test(downloads_say_how_much_there_is),
        cmocka_unit_test(a_family_sees_its_own_sessions_and_nobody_elses),
        cmocka_unit_test(previews_are_erased_with_all_that_hangs_on_them),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
