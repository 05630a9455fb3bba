/* api_write: responses as JSON:API takes them (spec of the API, 9.4 to 9.7). Whether there is such a row,
 * then whose it is, then what is wrong with the fields: all of that at once. What was sent as JSON passes
 * through as text. */
#include <stdio.h>

#include "responses.h"
#include "responses_sql.h"
#include "utf8.h"

#define FRAME_ID_MAX 128 /* characters */
#define METHOD_MAX 50    /* characters */

static const char *const codes[] = {"Eligible", "Ineligible_TooYoung", "Ineligible_TooOld",
                                    "Ineligible_CriteriaExpression", "Ineligible_Participation"};

int api_not_found(struct call *c, const char *what)
{
    return refuse(c, ERR_NOTFOUND, NULL, "No %s matches the given query.", what);
}

int api_denied(struct call *c)
{
    return refuse(c, ERR_DENIED, NULL, "You may not do this.");
}

static bool code_is_known(struct span code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (span_is(code, codes[i]))
            return true;
    return false;
}

/* What both ways of writing have in common. */
struct attributes {
    struct span json[3]; /* {NULL,0}: not there */
    struct list sequence, eligibility;
    bool has_sequence, has_eligibility;
    struct span method;
    bool has_method;
};

#define ATTRIBUTES(m)                                                                                 \
    {                                                                                                 \
        {(m)->conditions, (m)->global_event_timings, (m)->exp_data}, (m)->sequence, (m)->eligibility, \
            (m)->has_sequence, (m)->has_eligibility, (m)->recording_method, (m)->has_recording_method \
    }

static void texts_look(struct call *c, const struct attributes *a)
{
    static const char *const places[] = {"attributes/conditions", "attributes/global_event_timings",
                                         "attributes/exp_data"};

    for (size_t i = 0; i < 3; i++)
        if (span_is(a->json[i], "null"))
            fault_add(c, places[i], "null", "This field may not be null.");
    if (a->has_method && a->method.n == 0)
        fault_add(c, "attributes/recording_method", "blank", "This may not be empty.");
    if (a->has_method && utf8_characters(a->method) > METHOD_MAX)
        fault_add(c, "attributes/recording_method", "max_length", "At most %d characters fit here.",
                  METHOD_MAX);
}

static void sequence_look(struct call *c, struct list sequence)
{
    const struct span *item = sequence.items;
    char place[60];

    for (size_t i = 0; i < sequence.n; i++) {
        (void)snprintf(place, sizeof place, "attributes/sequence/%zu", i);
        if (utf8_characters(item[i]) > FRAME_ID_MAX)
            fault_add(c, place, "max_length", "At most %d characters fit here.", FRAME_ID_MAX);
    }
}

/* What is none of the codes is no choice, whatever the gateway called it; only null is told apart. */
static void eligibility_look(struct call *c, struct list eligibility)
{
    const struct span *item = eligibility.items;
    char place[60];

    for (size_t i = 0; i < eligibility.n; i++) {
        (void)snprintf(place, sizeof place, "attributes/eligibility/%zu", i);
        if (!code_is_known(item[i]) && !span_is(fault_at(c, place), "null"))
            fault_set(c, place, "invalid_choice", "This is none of the codes.");
    }
}

static void attributes_look(struct call *c, const struct attributes *a)
{
    if (a->has_sequence)
        sequence_look(c, a->sequence);
    if (a->has_eligibility)
        eligibility_look(c, a->eligibility);
    texts_look(c, a);
}

/* ---- a new one
 * ----------------------------------------------------------------------------------------------------- */

static int start_check(struct call *c, const struct api_response_create *m, const struct row *start)
{
    struct attributes a = ATTRIBUTES(m);

    if (!row_bool(start, "is_route"))
        return api_not_found(c, "Study");
    if (m->has_child && row_is_null(start, "child_id"))
        return api_not_found(c, "Child");
    if (m->has_study && row_is_null(start, "study_id"))
        return api_not_found(c, "Study");
    if (m->has_child && !row_bool(start, "is_mine"))
        return api_denied(c);
    TRY(relation_check(c, m->has_child_type, m->child_type, "children"));
    TRY(relation_check(c, m->has_study_type, m->study_type, "studies"));
    if (!m->has_child)
        fault_add(c, "relationships/child", "required", "This field is required.");
    if (!m->has_study)
        fault_add(c, "relationships/study", "required", "This field is required.");
    attributes_look(c, &a);
    return faults_check(c);
}

static void bind_id(struct call *c, const struct row *row, const char *name)
{
    if (row_is_null(row, name))
        db_bind_null(c->db, name);
    else
        db_bind_i64(c->db, name, row_i64(row, name));
}

int on_api_response_create(struct call *c, const struct api_response_create *m)
{
    struct row start, made, doc;
    struct uuid uuid;
    char text[37];

    faults_take(c, m->faults);
    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_response_start, &start));
    TRY(start_check(c, m, &start));
    bind_id(c, &start, "child_id");
    bind_id(c, &start, "study_id");
    bind_id(c, &start, "version");
    bind_id(c, &start, "snapshot");
    TRY(db_one(c->db, &SQL_response_create, &made));
    uuid = row_uuid(&made, "uuid");
    db_bind_i64(c->db, "id", row_i64(&made, "id"));
    TRY(db_one(c->db, &SQL_response_written, &doc));
    uuid_text(&uuid, text);
    TRY(reply_created(c, row_text(&doc, "doc"), "/api/%.*s/responses/%s/", (int)m->v.n, m->v.p, text));
    TRY(reply_shorter(c, &(struct reply_created){
                             arena_print(c->arena, "{\"data\":{\"type\":\"responses\",\"id\":\"%s\"}}", text),
                             arena_print(c->arena, "/api/%.*s/responses/%s/", (int)m->v.n, m->v.p, text)}));
    return call_commit(c);
}

/* ---- a change
 * ------------------------------------------------------------------------------------------------------ */

/* What the body and the path name. */
static int named_check(struct call *c, const struct api_response_change *m)
{
    struct row named;

    if (!m->has_child && !m->has_study && !m->has_in_study)
        return 0;
    TRY(db_one(c->db, &SQL_response_named, &named));
    if (m->has_child && !row_bool(&named, "is_child"))
        return api_not_found(c, "Child");
    if (m->has_study && !row_bool(&named, "is_study"))
        return api_not_found(c, "Study");
    if (m->has_child && !row_bool(&named, "is_mine"))
        return api_denied(c);
    return m->has_in_study && !row_bool(&named, "is_route") ? api_not_found(c, "Study") : 0;
}

/* A response stays with its child and its study. */
static int change_check(struct call *c, const struct api_response_change *m, const struct row *response)
{
    struct attributes a = ATTRIBUTES(m);
    struct span why = row_text(response, "refusal");

    if (!row_bool(response, "is_mine"))
        return api_denied(c);
    TRY(relation_check(c, m->has_child_type, m->child_type, "children"));
    TRY(relation_check(c, m->has_study_type, m->study_type, "studies"));
    if (m->has_child && !row_bool(response, "is_same_child"))
        fault_add(c, "relationships/child", "invalid", "A response cannot move to another child.");
    if (m->has_study && !row_bool(response, "is_same_study"))
        fault_add(c, "relationships/study", "invalid", "A response cannot move to another study.");
    if (why.p)
        fault_add(c, "attributes/exp_data", "invalid", "%.*s", (int)why.n, why.p);
    attributes_look(c, &a);
    return faults_check(c);
}

int on_api_response_change(struct call *c, const struct api_response_change *m)
{
    bool is_put = m->has_method && span_is(m->method, "PUT");
    struct row response, doc;

    faults_take(c, m->faults);
    TRY(db_begin(c->db));
    TRY(named_check(c, m));
    TRY(db_maybe(c->db, &SQL_response_for_change, &response));
    if (!response.result)
        return api_not_found(c, "Response");
    TRY(change_check(c, m, &response));
    db_bind_i64(c->db, "id", row_i64(&response, "id"));
    TRY(db_run(c->db, &SQL_response_change, NULL));
    db_bind_i64(c->db, "id", row_i64(&response, "id"));
    TRY(db_one(c->db, is_put ? &SQL_response_read : &SQL_response_written, &doc));
    TRY(reply_doc(c, row_text(&doc, "doc"))); /* before the commit: what cannot be told back is not kept */
    return db_commit(c->db);
}
