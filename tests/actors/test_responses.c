/* NEEDS: database */
/* responses: what the player saves and what the API of the players says: good, junk, foreign, twice, out of
 * order. */
#include <stdio.h>

#include "desk.h"
#include "responses.h"

#define ORIGIN "https://lookit.example"
#define NOBODY_UUID "99999999-0000-4000-8000-000000000009"

static struct rig rig = {.name = "gateway"};
static int64_t parent, stranger, researcher, study, trials;
static struct uuid child_uuid, study_uuid, trials_uuid;
static char child[37], other_child[37], study_text[37];

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define API(viewer_id) .viewer = (uint64_t)(viewer_id), .v = SPAN("v1"), .origin = SPAN(ORIGIN)

static struct uuid uuid_of(const char *text)
{
    struct uuid u;

    assert_int_equal(uuid_read(span_of(text), &u), 0);
    return u;
}

static const char *begin_for(int64_t viewer, const char *of_child, struct uuid of_study)
{
    assert_int_equal(ASK(api_response_create, API(viewer), .child = uuid_of(of_child), .has_child = true,
                         .study = of_study, .has_study = true, .exp_data = SPAN("{}"), .has_exp_data = true,
                         .global_event_timings = SPAN("[]"), .has_global_event_timings = true,
                         .recording_method = SPAN("recordrtc"), .has_recording_method = true),
                     0);
    return desk_doc(&rig, "data.id");
}

static const char *begin(void)
{
    return begin_for(parent, child, study_uuid);
}

static int append_by(int64_t viewer, const char *response, uint32_t number, const char *body)
{
    return ASK(response_append, .viewer = (uint64_t)viewer, .response = uuid_of(response), .number = number,
               .body = span_of(body));
}

static const struct response_standing *told(void)
{
    assert_ptr_equal(rig.answer.message, &MESSAGE_response_standing);
    return rig.answer.body;
}

static void save(const char *response, uint32_t number, const char *body)
{
    assert_int_equal(append_by(parent, response, number, body), 0);
    assert_false(told()->has_err);
    assert_int_equal(told()->next, number + 1);
}

static const char *field(const char *response, const char *expression)
{
    return desk_text("select %s from response where uuid = '%s'", expression, response);
}

/* ---- the beginning ---- */

static void a_sitting_begins_with_what_the_parent_told_last(void **state)
{
    const char *response = begin();

    (void)state;
    assert_string_equal(desk_doc(&rig, "data.type"), "responses");
    assert_string_equal(desk_doc(&rig, "data.attributes.recording_method"), "recordrtc");
    assert_string_equal(desk_doc(&rig, "data.attributes.completed"), "false");
    assert_string_equal(desk_doc(&rig, "data.attributes.eligibility.0"), "Ineligible_TooOld");
    assert_string_equal(desk_doc(&rig, "data.relationships.study.data.id"), study_text);
    assert_null(desk_doc(&rig, "data.attributes.created_on"));
    assert_null(desk_doc(&rig, "data.attributes.hash_child_id"));
    assert_string_equal(desk_location(&rig), arena_print(rig.arena, "/api/v1/responses/%s/", response).p);
    assert_string_equal(field(response, "demographic_snapshot = (select max(id) from demographic)"), "true");
    assert_string_equal(field(response, "version = (select version from study s where s.id = study)"),
                        "true");
    assert_int_equal(
        desk_sql("select count(*) from event where kind = 'response.created' and subject = '%s'", response),
        1);
}

static void nobody_begins_a_sitting_for_anothers_child(void **state)
{
    int64_t before = desk_sql("select count(*) from response");

    (void)state;
    assert_int_equal(ASK(api_response_create, API(stranger), .child = child_uuid, .has_child = true,
                         .study = study_uuid, .has_study = true),
                     ERR_DENIED);
    assert_int_equal(ASK(api_response_create, API(researcher), .child = child_uuid, .has_child = true,
                         .study = study_uuid, .has_study = true),
                     ERR_DENIED);
    assert_int_equal(ASK(api_response_create, API(parent), .child = uuid_of(NOBODY_UUID), .has_child = true,
                         .study = study_uuid, .has_study = true),
                     ERR_NOTFOUND);
    assert_int_equal(ASK(api_response_create, API(parent), .child = child_uuid, .has_child = true,
                         .study = uuid_of(NOBODY_UUID), .has_study = true),
                     ERR_NOTFOUND);
    assert_int_equal(ASK(api_response_create, API(parent), .child = child_uuid, .has_child = true,
                         .study = study_uuid, .has_study = true, .child_type = SPAN("child"),
                         .has_child_type = true),
                     ERR_CONFLICT);
    assert_int_equal(desk_sql("select count(*) from response"), before);
}

static void attributes_that_cannot_be_are_refused_by_name(void **state)
{
    static const struct span code[] = {{"Eligible", 8}, {"Perhaps", 7}};

    (void)state;
    assert_int_equal(ASK(api_response_create, API(parent), .child = child_uuid, .has_child = true,
                         .study = study_uuid, .has_study = true, .exp_data = SPAN("null"),
                         .has_exp_data = true),
                     ERR_INVALID);
    assert_span(rig.answer.field, "attributes/exp_data");
    assert_int_equal(ASK(api_response_create, API(parent), .child = child_uuid, .has_child = true,
                         .study = study_uuid, .has_study = true, .eligibility = {code, 2},
                         .has_eligibility = true),
                     ERR_INVALID);
    assert_span(rig.answer.field, "attributes/eligibility/1");
    assert_int_equal(ASK(api_response_create, API(parent), .child = child_uuid, .has_child = true,
                         .study = study_uuid, .has_study = true, .recording_method = SPAN(""),
                         .has_recording_method = true),
                     ERR_INVALID);
    assert_span(rig.answer.field, "attributes/recording_method");
}

/* ---- numbered saves ---- */

static void saves_in_order_become_the_record(void **state)
{
    const char *r = begin();

    (void)state;
    save(r, 0,
         "{\"frame\":null,\"conditions\":{\"1-pick\":{\"a\":1}},\"global_event_timings\":[],"
         "\"recording_method\":\"recordrtc\"}");
    save(r, 1, "{\"frame\":\"0-text\",\"data\":{\"frameType\":\"DEFAULT\",\"n\":1.50}}");
    save(r, 2, "{\"frame\":\"0-text\",\"data\":{\"frameType\":\"DEFAULT\",\"n\":2}}");
    save(r, 3,
         "{\"frame\":\"1-exit\",\"data\":{\"frameType\":\"EXIT\",\"withdrawal\":false},\"completed\":true}");
    save(r, 4, "{\"global_event_timings\":[{\"eventType\":\"exitEarly\"}],\"completed\":false}");
    assert_string_equal(field(r, "sequence"), "{0-text,1-exit}");
    assert_string_equal(field(r, "exp_data->'0-text'->>'n'"), "2");
    assert_string_equal(field(r, "completed"), "true");
    assert_string_equal(field(r, "completed_consent_frame"), "false");
    assert_string_equal(field(r, "global_event_timings->0->>'eventType'"), "exitEarly");
    assert_string_equal(field(r, "conditions->'1-pick'->>'a'"), "1");
    assert_int_equal(desk_sql("select count(*) from response_frame f join response r on r.id = f.response "
                              "where r.uuid = '%s'",
                              r),
                     5);
    assert_int_equal(
        desk_sql("select count(*) from event where kind = 'response.saved' and subject = '%s'", r), 5);
}

static void the_same_save_again_is_a_success_and_changes_nothing(void **state)
{
    const char *r = begin(), *first = "{\"frame\":\"0-text\",\"data\":{\"a\":1}}";

    (void)state;
    save(r, 0, first);
    save(r, 1, "{\"frame\":\"1-text\",\"data\":{}}");
    assert_int_equal(append_by(parent, r, 0, first), 0);
    assert_false(told()->has_err);
    assert_int_equal(told()->next, 2);
    assert_string_equal(field(r, "sequence"), "{0-text,1-text}");
}

static void a_gap_or_other_bytes_learn_which_number_is_next(void **state)
{
    const char *r = begin();

    (void)state;
    save(r, 0, "{\"frame\":\"0-text\",\"data\":{\"a\":1}}");
    assert_int_equal(append_by(parent, r, 2, "{\"frame\":\"2-text\",\"data\":{}}"), 0);
    assert_int_equal(told()->err, ERR_CONFLICT);
    assert_int_equal(told()->next, 1);
    assert_int_equal(append_by(parent, r, 0, "{\"frame\":\"0-text\",\"data\":{\"a\": 1}}"), 0);
    assert_int_equal(told()->err, ERR_CONFLICT);
    assert_int_equal(told()->next, 1);
    assert_string_equal(field(r, "sequence"), "{0-text}");
}

static void a_save_that_makes_no_sense_is_refused_and_its_number_stays_free(void **state)
{
    static const char *const junk[] = {"[]",
                                       "{}",
                                       "7",
                                       "\"x\"",
                                       "{\"frame\":\"0-a\"}",
                                       "{\"data\":{}}",
                                       "{\"frame\":\"\",\"data\":{}}",
                                       "{\"frame\":7,\"data\":{}}",
                                       "{\"completed\":1}",
                                       "{\"conditions\":null}",
                                       "{\"exp_data\":{}}",
                                       "{\"recording_method\":\"\"}"};
    const char *r = begin();

    (void)state;
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        assert_int_equal(append_by(parent, r, 0, junk[i]), ERR_INVALID);
        assert_true(rig.answer.text.n > 5);
    }
    save(r, 0, "{\"frame\":\"0-a\",\"data\":[1,2]}");
}

static void anothers_response_is_not_found(void **state)
{
    const char *r = begin(), *body = "{\"frame\":\"0-a\",\"data\":{}}";

    (void)state;
    assert_int_equal(append_by(stranger, r, 0, body), ERR_NOTFOUND);
    assert_int_equal(append_by(researcher, r, 0, body), ERR_NOTFOUND);
    assert_int_equal(append_by(0, r, 0, body), ERR_NOTFOUND);
    assert_int_equal(append_by(parent, NOBODY_UUID, 0, body), ERR_NOTFOUND);
    assert_string_equal(field(r, "exp_data"), "{}");
}

static void video_add(const char *response, const char *frame, const char *name)
{
    (void)desk_sql(
        "insert into video (s3_timestamp, frame_id, full_name, study, response) select now(), '%s', "
        "'%s.webm', study, id from response where uuid = '%s' returning id",
        frame, name, response);
}

static const char *videos(const char *response)
{
    return desk_text(
        "select string_agg(full_name || case when is_consent_footage then '!' else '' end, ' ' "
        "order by full_name) from video v join response r on r.id = v.response where r.uuid = '%s'",
        response);
}

static void consent_footage_is_marked_whichever_comes_first(void **state)
{
    const char *consent = "{\"frame\":\"1-consent\",\"data\":{\"frameType\":\"CONSENT\"},"
                          "\"completed_consent_frame\":true}";
    const char *r = begin();

    (void)state;
    video_add(r, "1-consent", "early");
    save(r, 0, consent);
    video_add(r, "1-consent", "late");
    video_add(r, "2-trial", "trial");
    assert_string_equal(videos(r), "early.webm! late.webm! trial.webm");
    assert_string_equal(field(r, "completed_consent_frame"), "true");
}

static void a_withdrawal_erases_all_but_the_consent_even_what_comes_later(void **state)
{
    const char *r = begin();

    (void)state;
    save(r, 0,
         "{\"frame\":\"1-consent\",\"data\":{\"frameType\":\"CONSENT\"},\"completed_consent_frame\":true}");
    video_add(r, "1-consent", "w-consent");
    video_add(r, "2-trial", "w-trial");
    save(r, 1,
         "{\"frame\":\"9-exit\",\"data\":{\"frameType\":\"EXIT\",\"withdrawal\":true},\"completed\":true}");
    assert_string_equal(videos(r), "w-consent.webm!");
    video_add(r, "2-trial", "w-late");
    assert_string_equal(videos(r), "w-consent.webm!");
    assert_int_equal(ASK(api_response, API(parent), .response = uuid_of(r)), 0);
    assert_string_equal(desk_doc(&rig, "data.attributes.withdrawn"), "true");
}

/* ---- the API ---- */

static void a_response_is_read_by_its_family_and_by_the_lab_once_consented(void **state)
{
    const char *r = begin();
    struct uuid uuid = uuid_of(r);

    (void)state;
    save(r, 0,
         "{\"frame\":\"1-consent\",\"data\":{\"frameType\":\"CONSENT\"},\"completed_consent_frame\":true}");
    assert_int_equal(ASK(api_response, API(parent), .response = uuid), 0);
    assert_string_equal(desk_doc(&rig, "data.attributes.sequence.0"), "1-consent");
    assert_int_equal(strlen(desk_doc(&rig, "data.attributes.hash_child_id")), 6);
    assert_string_equal(desk_doc(&rig, "data.links.self"),
                        arena_print(rig.arena, ORIGIN "/api/v1/responses/%s/", r).p);
    assert_int_equal(ASK(api_response, API(researcher), .response = uuid), ERR_NOTFOUND);
    assert_int_equal(ASK(api_response, API(stranger), .response = uuid), ERR_NOTFOUND);
    assert_int_equal(ASK(api_response, API(0), .response = uuid), ERR_NOTFOUND);
    (void)desk_sql("insert into consent_ruling (action, response) select 'accepted', id from response where "
                   "uuid = '%s' returning id",
                   r);
    assert_int_equal(ASK(api_response, API(researcher), .response = uuid), 0);
    assert_int_equal(ASK(api_child, API(researcher), .child = child_uuid), 0);
    assert_int_equal(ASK(api_response, API(stranger), .response = uuid), ERR_NOTFOUND);
}

static void a_child_is_shown_to_its_family(void **state)
{
    (void)state;
    assert_int_equal(ASK(api_child, API(parent), .child = child_uuid), 0);
    assert_string_equal(desk_doc(&rig, "data.attributes.given_name"), "Mo");
    assert_string_equal(desk_doc(&rig, "data.attributes.birthday"), "2019-02-17");
    assert_string_equal(desk_doc(&rig, "data.attributes.age_at_birth"), "39 weeks");
    assert_string_equal(desk_doc(&rig, "data.attributes.language_list"), "en de");
    assert_int_equal(ASK(api_child, API(stranger), .child = child_uuid), ERR_NOTFOUND);
    assert_int_equal(ASK(api_child, API(parent), .child = uuid_of(other_child)), ERR_NOTFOUND);
}

static void a_change_replaces_what_it_names_and_leaves_the_rest(void **state)
{
    const char *r = begin();

    (void)state;
    save(r, 0, "{\"frame\":\"0-a\",\"data\":{\"x\":1}}");
    assert_int_equal(ASK(api_response_change, API(parent), .response = uuid_of(r),
                         .global_event_timings = SPAN("[{\"b\":1,\"aa\":2}]"),
                         .has_global_event_timings = true),
                     0);
    assert_non_null(strstr(((const struct reply_doc *)rig.answer.body)->doc.p, "[{\"b\":1,\"aa\":2}]"));
    assert_string_equal(field(r, "exp_data->'0-a'->>'x'"), "1");
    assert_string_equal(field(r, "sequence"), "{0-a}");
    assert_int_equal(ASK(api_response_change, API(parent), .response = uuid_of(r), .exp_data = SPAN("{}"),
                         .has_exp_data = true, .sequence = {NULL, 0}, .has_sequence = true,
                         .child = child_uuid, .has_child = true),
                     0);
    assert_string_equal(field(r, "exp_data"), "{}");
    assert_string_equal(field(r, "sequence"), "{}");
}

static void only_the_parent_changes_a_response_and_it_stays_where_it_is(void **state)
{
    const char *r = begin();
    struct uuid uuid = uuid_of(r);

    (void)state;
    (void)desk_sql("update response set completed_consent_frame = true where uuid = '%s' returning id", r);
    (void)desk_sql("insert into consent_ruling (action, response) select 'accepted', id from response where "
                   "uuid = '%s' returning id",
                   r);
    assert_int_equal(
        ASK(api_response_change, API(researcher), .response = uuid, .completed = true, .has_completed = true),
        ERR_DENIED);
    assert_int_equal(
        ASK(api_response_change, API(stranger), .response = uuid, .completed = true, .has_completed = true),
        ERR_NOTFOUND);
    assert_int_equal(
        ASK(api_response_change, API(parent), .response = uuid, .study = trials_uuid, .has_study = true),
        ERR_INVALID);
    assert_int_equal(ASK(api_response_change, API(parent), .response = uuid, .child = uuid_of(NOBODY_UUID),
                         .has_child = true),
                     ERR_NOTFOUND);
    assert_string_equal(field(r, "completed"), "false");
}

static int trials_send(const char *r, const char *exp_data)
{
    return ASK(api_response_change, API(parent), .response = uuid_of(r), .exp_data = span_of(exp_data),
               .has_exp_data = true);
}

static void trials_never_become_fewer_and_name_their_sequence(void **state)
{
    const char *r = begin_for(parent, child, trials_uuid);

    (void)state;
    assert_int_equal(trials_send(r, "[{\"trial_index\":0,\"trial_type\":\"chs-consent\"},{\"x\":1},"
                                    "{\"trial_index\":2,\"trial_type\":\"end\"}]"),
                     0);
    assert_string_equal(field(r, "sequence"), "{0-chs-consent,2-end}");
    assert_int_equal(trials_send(r, "[{},{}]"), ERR_INVALID);
    assert_non_null(strstr(arena_copy(rig.arena, rig.answer.text).p, "exp_data cannot reduce in length"));
    assert_int_equal(trials_send(r, "5"), ERR_INVALID);
    assert_non_null(strstr(arena_copy(rig.arena, rig.answer.text).p,
                           "jsPsych exp_data must be a list, instead received int"));
    assert_int_equal(append_by(parent, r, 0, "{\"frame\":\"0-a\",\"data\":{}}"), ERR_INVALID);
    assert_int_equal(append_by(parent, r, 0, "{\"completed\":true}"), ERR_CONFLICT);
}

/* As the gateway asks: the query sorted, the page by itself. */
static int list(int64_t viewer, const char *of_child, const char *page, const char *size)
{
    struct span query[4];
    size_t n = 0;

    if (of_child) {
        query[n++] = SPAN("child");
        query[n++] = span_of(of_child);
    }
    if (size) {
        query[n++] = SPAN("page_size");
        query[n++] = span_of(size);
    }
    return ASK(api_study_responses, API(viewer), .study = study_uuid, .child = span_of(of_child),
               .has_child = of_child != NULL, .page = span_of(page), .has_page = page != NULL,
               .page_size = span_of(size), .has_page_size = size != NULL,
               .path = arena_print(rig.arena, "/api/v1/studies/%s/responses/", study_text), .has_path = true,
               .query = {query, n}, .has_query = true);
}

static void past_sittings_come_in_pages_the_last_changed_first(void **state)
{
    const char *r = begin();
    int64_t n =
        desk_sql("select count(*) from response r join child c on c.id = r.child where c.uuid = '%s' and "
                 "study = %lld",
                 child, (long long)study);

    (void)state;
    assert_true(n > 3);
    assert_int_equal(list(parent, child, NULL, "3"), 0);
    assert_string_equal(desk_doc(&rig, "data.0.id"), r);
    assert_non_null(desk_doc(&rig, "data.2.id"));
    assert_null(desk_doc(&rig, "data.3.id"));
    assert_string_equal(desk_doc(&rig, "links.meta.count"), arena_print(rig.arena, "%lld", (long long)n).p);
    assert_string_equal(desk_doc(&rig, "links.next"),
                        arena_print(rig.arena,
                                    ORIGIN "/api/v1/studies/%s/responses/?child=%s&page=2&page_size=3",
                                    study_text, child)
                            .p);
    assert_int_equal(list(parent, child, "last", "100"), 0);
    assert_string_equal(desk_doc(&rig, "links.meta.pages"), "1");
    assert_int_equal(list(parent, child, "99", NULL), ERR_NOTFOUND);
    assert_span(rig.answer.text, "Invalid page.");
    assert_span(rig.answer.field, "data");
    assert_int_equal(list(parent, child, "x", NULL), ERR_NOTFOUND);
    assert_int_equal(list(parent, "", "", "x"), 0);
}

static void lists_hold_what_one_may_see_and_no_more(void **state)
{
    (void)begin();
    (void)state;
    assert_int_equal(list(stranger, child, NULL, NULL), 0);
    assert_string_equal(desk_doc(&rig, "links.meta.count"), "0");
    assert_string_equal(desk_doc(&rig, "links.meta.pages"), "1");
    assert_int_equal(list(researcher, child, NULL, NULL), 0);
    assert_string_equal(desk_doc(&rig, "links.meta.count"), "0");
    assert_int_equal(list(researcher, NULL, NULL, NULL), 0);
    assert_string_equal(
        desk_doc(&rig, "links.meta.count"),
        desk_text("select count(*) from response where study = %lld and ruling = 'accepted' and "
                  "completed_consent_frame",
                  (long long)study));
    assert_int_equal(list(parent, "TEST_CHILD_DISREGARD", NULL, NULL), 0);
    assert_string_equal(desk_doc(&rig, "links.meta.count"), "0");
    assert_int_equal(list(parent, "not-an-id", NULL, NULL), ERR_INVALID);
    assert_span(rig.answer.field, "relationships/child");
}

/* ---- */

static int start(void **state)
{
    (void)state;
    desk_migrate();
    parent = desk_account("ann@example.org", false);
    stranger = desk_account("bob@example.org", false);
    researcher = desk_account("kim@uni.example", true);
    study = desk_sql("insert into study (name, study_type) values ('Ball', 1) returning id");
    trials = desk_sql("insert into study (name, study_type) values ('Trials', 3) returning id");
    (void)snprintf(study_text, sizeof study_text, "%s",
                   desk_text("select uuid from study where id = %lld", (long long)study));
    study_uuid = uuid_of(study_text);
    trials_uuid = uuid_of(desk_text("select uuid from study where id = %lld", (long long)trials));
    (void)desk_sql("insert into study_version (study, number, sha256, manifest) values (%lld, 1, "
                   "repeat('a', 64), '{}') returning id",
                   (long long)study);
    (void)desk_sql("update study set version = (select id from study_version) where id = %lld returning id",
                   (long long)study);
    (void)desk_sql("insert into membership (account, user_group) select %lld, admin_group from study where "
                   "id = %lld returning account",
                   (long long)researcher, (long long)study);
    (void)desk_sql("insert into demographic (account) values (%lld), (%lld) returning id", (long long)parent,
                   (long long)parent);
    (void)snprintf(
        child, sizeof child, "%s",
        desk_text("insert into child (account, given_name, birthday, gender, "
                  "gestational_age_at_birth, languages_spoken) values (%lld, 'Mo', '2019-02-17', 'na', "
                  "16, language_bits('{en,de}')) returning uuid",
                  (long long)parent));
    child_uuid = uuid_of(child);
    (void)snprintf(other_child, sizeof other_child, "%s",
                   desk_text("insert into child (account, given_name, birthday, gender) values (%lld, 'Li', "
                             "'2020-02-17', 'f') returning uuid",
                             (long long)stranger));
    rig_start(&rig, (struct roster_entry[]){{&responses_actor, 2, ""}, {0}});
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
        cmocka_unit_test(a_sitting_begins_with_what_the_parent_told_last),
        cmocka_unit_test(nobody_begins_a_sitting_for_anothers_child),
        cmocka_unit_test(attributes_that_cannot_be_are_refused_by_name),
        cmocka_unit_test(saves_in_order_become_the_record),
        cmocka_unit_test(the_same_save_again_is_a_success_and_changes_nothing),
        cmocka_unit_test(a_gap_or_other_bytes_learn_which_number_is_next),
        cmocka_unit_test(a_save_that_makes_no_sense_is_refused_and_its_number_stays_free),
        cmocka_unit_test(anothers_response_is_not_found),
        cmocka_unit_test(consent_footage_is_marked_whichever_comes_first),
        cmocka_unit_test(a_withdrawal_erases_all_but_the_consent_even_what_comes_later),
        cmocka_unit_test(a_response_is_read_by_its_family_and_by_the_lab_once_consented),
        cmocka_unit_test(a_child_is_shown_to_its_family),
        cmocka_unit_test(a_change_replaces_what_it_names_and_leaves_the_rest),
        cmocka_unit_test(only_the_parent_changes_a_response_and_it_stays_where_it_is),
        cmocka_unit_test(trials_never_become_fewer_and_name_their_sequence),
        cmocka_unit_test(past_sittings_come_in_pages_the_last_changed_first),
        cmocka_unit_test(lists_hold_what_one_may_see_and_no_more),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
