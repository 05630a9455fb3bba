/* api_feedback: words for a family, as JSON:API takes them (spec of the API, 10.2 and 10.3). Only who may
 * write feedback on a study's sessions changes any of it, whatever the body leaves out. */
#include "responses.h"
#include "responses_sql.h"

/* The response that the body names: known, and one that the viewer may write about. *id 0: it names none. */
static int about_check(struct call *c, bool has_response, int64_t *id)
{
    struct row about;

    *id = 0;
    if (!has_response)
        return 0;
    TRY(db_maybe(c->db, &SQL_feedback_about, &about));
    if (!about.result)
        return api_not_found(c, "Response");
    if (!row_bool(&about, "may"))
        return api_denied(c);
    *id = row_i64(&about, "id");
    return 0;
}

static void comment_look(struct call *c, bool has_comment, bool is_null, bool is_needed)
{
    if (is_null && !has_comment)
        fault_add(c, "attributes/comment", "null", "This field may not be null.");
    else if (is_needed && !has_comment)
        fault_add(c, "attributes/comment", "required", "This field is required.");
}

static int written(struct call *c, int64_t id, struct span *doc)
{
    struct row row;

    db_bind_i64(c->db, "id", id);
    TRY(db_one(c->db, &SQL_feedback_read, &row));
    *doc = row_text(&row, "doc");
    return 0;
}

int on_api_feedback_create(struct call *c, const struct api_feedback_create *m)
{
    struct row made;
    struct span doc;
    struct uuid uuid;
    char text[37];
    int64_t response;

    faults_take(c, m->faults);
    TRY(db_begin(c->db));
    TRY(about_check(c, m->has_response, &response));
    TRY(relation_check(c, m->has_response_type, m->response_type, "responses"));
    comment_look(c, m->has_comment, list_has(m->nulls, "comment"), true);
    if (!m->has_response)
        fault_add(c, "relationships/response", "required", "This field is required.");
    TRY(faults_check(c));
    db_bind_i64(c->db, "response_id", response);
    TRY(db_one(c->db, &SQL_feedback_post, &made));
    uuid = row_uuid(&made, "uuid");
    TRY(written(c, row_i64(&made, "id"), &doc));
    uuid_text(&uuid, text);
    TRY(reply_created(c, doc, "/api/%.*s/feedback/%s/", (int)m->v.n, m->v.p, text));
    return call_commit(c);
}

int on_api_feedback_change(struct call *c, const struct api_feedback_change *m)
{
    bool is_put = m->has_method && span_is(m->method, "PUT");
    struct row stored;
    struct span doc;
    int64_t response, id;

    faults_take(c, m->faults);
    TRY(db_begin(c->db));
    TRY(about_check(c, m->has_response, &response));
    TRY(db_maybe(c->db, &SQL_feedback_for_change, &stored));
    if (!stored.result)
        return api_not_found(c, "Feedback");
    if (!row_bool(&stored, "may"))
        return api_denied(c);
    TRY(relation_check(c, m->has_response_type, m->response_type, "responses"));
    comment_look(c, m->has_comment, list_has(m->nulls, "comment"), is_put);
    if (is_put && !m->has_response)
        fault_add(c, "relationships/response", "required", "This field is required.");
    TRY(faults_check(c));
    id = row_i64(&stored, "id");
    db_bind_i64(c->db, "id", id);
    db_bind_i64(c->db, "response_id", response ? response : row_i64(&stored, "response_id"));
    TRY(db_run(c->db, &SQL_feedback_patch, NULL));
    TRY(written(c, id, &doc));
    TRY(reply_doc(c, doc));
    return db_commit(c->db);
}
