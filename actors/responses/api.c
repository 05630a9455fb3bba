/* api: responses as JSON:API (spec of the API, 9). Documents are built by PostgreSQL; what was sent as JSON
 * passes through as text. */
#include "responses.h"
#include "responses_sql.h"

#define FRAME_ID_MAX 128 /* characters */

static const char *const codes[] = {"Eligible", "Ineligible_TooYoung", "Ineligible_TooOld",
                                    "Ineligible_CriteriaExpression", "Ineligible_Participation"};

static size_t characters(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

/* What both ways of writing have in common. */
struct attributes {
    const struct span *json[3];
    bool has_json[3];
    struct list sequence, eligibility;
    bool has_sequence, has_eligibility;
    struct span method;
    bool has_method;
    struct span child_type, study_type;
    bool has_child_type, has_study_type;
};

#define ATTRIBUTES(m)                                                                               \
    {                                                                                               \
        {&(m)->conditions, &(m)->global_event_timings, &(m)->exp_data},                             \
            {(m)->has_conditions, (m)->has_global_event_timings, (m)->has_exp_data}, (m)->sequence, \
            (m)->eligibility, (m)->has_sequence, (m)->has_eligibility, (m)->recording_method,       \
            (m)->has_recording_method, (m)->child_type, (m)->study_type, (m)->has_child_type,       \
            (m)->has_study_type                                                                     \
    }

static int relation_check(struct call *c, bool has, struct span type, const char *expected)
{
    if (!has || span_is(type, expected))
        return 0;
    return refuse(c, ERR_CONFLICT, NULL, "Incorrect relation type. Expected %s, received %.*s.", expected,
                  (int)type.n, type.p);
}

static bool code_is_known(struct span code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (span_is(code, codes[i]))
            return true;
    return false;
}

static int attributes_check(struct call *c, const struct attributes *a)
{
    static const char *const names[] = {"conditions", "global_event_timings", "exp_data"};
    const struct span *item;

    TRY(relation_check(c, a->has_child_type, a->child_type, "children"));
    TRY(relation_check(c, a->has_study_type, a->study_type, "studies"));
    for (size_t i = 0; i < 3; i++)
        if (a->has_json[i] && span_is(*a->json[i], "null"))
            return refuse(c, ERR_INVALID, names[i], "This field may not be null.");
    item = a->sequence.items;
    for (size_t i = 0; a->has_sequence && i < a->sequence.n; i++)
        if (characters(item[i]) > FRAME_ID_MAX)
            return refuse(c, ERR_INVALID, "sequence", "Ensure this field has no more than %d characters.",
                          FRAME_ID_MAX);
    item = a->eligibility.items;
    for (size_t i = 0; a->has_eligibility && i < a->eligibility.n; i++)
        if (!code_is_known(item[i]))
            return refuse(c, ERR_INVALID, "eligibility", "\"%.*s\" is not a valid choice.", (int)item[i].n,
                          item[i].p);
    if (a->has_method && a->method.n == 0)
        return refuse(c, ERR_INVALID, "recording_method", "This field may not be blank.");
    return 0;
}

static int not_found(struct call *c, const char *what)
{
    return refuse(c, ERR_NOTFOUND, NULL, "No %s matches the given query.", what);
}

int on_api_response_create(struct call *c, const struct api_response_create *m)
{
    struct attributes a = ATTRIBUTES(m);
    struct row start, made, doc;
    struct uuid uuid;
    char text[37];

    TRY(attributes_check(c, &a));
    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_response_start, &start));
    if (row_is_null(&start, "child_id"))
        return not_found(c, "Child");
    if (row_is_null(&start, "study_id"))
        return not_found(c, "Study");
    if (!row_bool(&start, "is_mine"))
        return refuse(c, ERR_DENIED, NULL, "You do not have permission to perform this action.");
    db_bind_i64(c->db, "child_id", row_i64(&start, "child_id"));
    db_bind_i64(c->db, "study_id", row_i64(&start, "study_id"));
    if (row_is_null(&start, "version"))
        db_bind_null(c->db, "version");
    else
        db_bind_i64(c->db, "version", row_i64(&start, "version"));
    if (row_is_null(&start, "snapshot"))
        db_bind_null(c->db, "snapshot");
    else
        db_bind_i64(c->db, "snapshot", row_i64(&start, "snapshot"));
    TRY(db_one(c->db, &SQL_response_create, &made));
    uuid = row_uuid(&made, "uuid");
    db_bind_i64(c->db, "id", row_i64(&made, "id"));
    TRY(db_one(c->db, &SQL_response_written, &doc));
    uuid_text(&uuid, text);
    TRY(reply_created(c, row_text(&doc, "doc"), "/api/%.*s/responses/%s/", (int)m->v.n, m->v.p, text));
    return call_commit(c);
}

/* A response stays with its child and its study. */
static int change_check(struct call *c, const struct api_response_change *m, const struct row *response)
{
    struct span why = row_text(response, "refusal");

    if (m->has_child && row_is_null(response, "child_id"))
        return not_found(c, "Child");
    if (m->has_study && row_is_null(response, "study_id"))
        return not_found(c, "Study");
    if (!row_bool(response, "is_mine"))
        return refuse(c, ERR_DENIED, NULL, "You do not have permission to perform this action.");
    if (m->has_child && !row_bool(response, "is_same_child"))
        return refuse(c, ERR_INVALID, "child", "A response cannot move to another child.");
    if (m->has_study && !row_bool(response, "is_same_study"))
        return refuse(c, ERR_INVALID, "study", "A response cannot move to another study.");
    if (why.p)
        return refuse(c, ERR_INVALID, "exp_data", "%.*s", (int)why.n, why.p);
    return 0;
}

int on_api_response_change(struct call *c, const struct api_response_change *m)
{
    struct attributes a = ATTRIBUTES(m);
    struct row response, doc;

    TRY(attributes_check(c, &a));
    TRY(db_begin(c->db));
    TRY(db_maybe(c->db, &SQL_response_for_change, &response));
    if (!response.result)
        return not_found(c, "Response");
    TRY(change_check(c, m, &response));
    db_bind_i64(c->db, "id", row_i64(&response, "id"));
    TRY(db_run(c->db, &SQL_response_change, NULL));
    db_bind_i64(c->db, "id", row_i64(&response, "id"));
    TRY(db_one(c->db, &SQL_response_written, &doc));
    TRY(db_commit(c->db));
    return reply_doc(c, row_text(&doc, "doc"));
}
