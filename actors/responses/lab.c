/* lab: what a lab says about responses: rulings on consent, notes, words for the family. */
#include "responses.h"
#include "responses_sql.h"

int on_consent_rule(struct call *c, const struct consent_rule *m)
{
    const char *state = m->has_state && span_is(m->state, "accepted")   ? "accepted"
                        : m->has_state && span_is(m->state, "rejected") ? "rejected"
                                                                        : "pending";
    struct row row;
    int64_t n;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_consent_rule, &row));
    if (!row_bool(&row, "may"))
        return ERR_NOTFOUND;
    n = row_i64(&row, "n");
    TRY(reply_see_other_noting(c,
                               n == 0   ? "Nothing was changed."
                               : n == 1 ? "Saved."
                                        : arena_print(c->arena, "%lld rulings were saved.", (long long)n).p,
                               "/exp/studies/%llu/responses/consent_videos/?state=%s",
                               (unsigned long long)m->study, state));
    return call_commit(c);
}

/* ERR_NOTFOUND: the viewer may not know of this study's responses. */
static int rights_find(struct call *c, bool *may_feedback, bool *may_delete_previews)
{
    struct row row;

    TRY(db_one(c->db, &SQL_study_rights, &row));
    *may_feedback = row_bool(&row, "may_feedback");
    *may_delete_previews = row_bool(&row, "may_delete_previews");
    return 0;
}

static int feedback_check(struct call *c)
{
    bool may_feedback, may_delete;

    TRY(rights_find(c, &may_feedback, &may_delete));
    return may_feedback ? 0
                        : refuse(c, ERR_DENIED, NULL, "You may look at these responses, not write on them.");
}

static int value_check(struct call *c, const struct response_note *m)
{
    bool is_star = span_is(m->field, "researcher_star");
    bool is_truth = span_is(m->value, "true") || span_is(m->value, "false");

    if (!is_star && !span_is(m->field, "researcher_payment_status") &&
        !span_is(m->field, "researcher_session_status"))
        return refuse(c, ERR_INVALID, "field", "There is no such note.");
    if (is_star != is_truth || (!is_star && m->value.p[0] != '"'))
        return refuse(c, ERR_INVALID, "value", "This note does not take that value.");
    return 0;
}

int on_response_note(struct call *c, const struct response_note *m)
{
    struct row row;
    struct json_out o;
    int err;

    TRY(feedback_check(c));
    TRY(value_check(c, m));
    db_bind_i64(c->db, "response", (int64_t)m->responseId);
    err = db_maybe(c->db, &SQL_response_note, &row);
    if (err == ERR_INVALID)
        return refuse(c, err, "value", "This note does not take that value.");
    TRY(err);
    if (!row.result)
        return ERR_NOTFOUND;
    json_out_init(&o, c->arena);
    json_object(&o);
    json_key(&o, SPAN("success"));
    json_add_string(&o,
                    arena_print(c->arena, "Response %llu: %.*s is %.*s.", (unsigned long long)m->responseId,
                                (int)m->field.n, m->field.p, (int)m->value.n, m->value.p));
    json_end(&o);
    return reply_doc(c, json_out_span(&o));
}

int on_response_feedback(struct call *c, const struct response_feedback *m)
{
    struct row row;
    struct uuid uuid;
    char text[37];

    TRY(feedback_check(c));
    if (m->comment.n == 0)
        form_error(c, "comment", "Please write a few words.");
    if (m->has_response_id == m->has_feedback_id)
        form_error(c, "response_id", "Please say which response this is about.");
    TRY(form_check(c));
    TRY(db_begin(c->db));
    TRY(db_maybe(c->db, m->has_feedback_id ? &SQL_feedback_change : &SQL_feedback_add, &row));
    if (!row.result)
        return ERR_NOTFOUND;
    uuid = row_uuid(&row, "uuid");
    uuid_text(&uuid, text);
    TRY(reply_see_other_noting(c, "Saved. The family reads it under its past studies.",
                               "/exp/studies/%llu/responses/?response=%s", (unsigned long long)m->study,
                               text));
    return call_commit(c);
}

int on_response_previews_delete(struct call *c, const struct response_previews_delete *m)
{
    bool may_feedback, may_delete;
    struct row row;
    int64_t n;

    TRY(rights_find(c, &may_feedback, &may_delete));
    if (!may_delete)
        return refuse(c, ERR_DENIED, NULL, "Your role in this study does not let you delete previews.");
    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_previews_delete, &row));
    n = row_i64(&row, "n");
    TRY(db_commit(c->db));
    return reply_see_other_noting(
        c, arena_print(c->arena, "%lld preview%s deleted.", (long long)n, n == 1 ? " was" : "s were").p,
        "/exp/studies/%llu/responses/all/", (unsigned long long)m->study);
}

/* ---- the family's own
 * -------------------------------------------------------------------------------------------- */

/* A page that is no number is the first. */
int on_response_history(struct call *c, const struct response_history *m)
{
    int64_t page = 0;
    struct row row;

    for (size_t i = 0; m->has_page && i < m->page.n && i < 9; i++) {
        if (m->page.p[i] < '0' || m->page.p[i] > '9') {
            page = 1;
            break;
        }
        page = page * 10 + (m->page.p[i] - '0');
    }
    db_bind_i64(c->db, "page", page);
    TRY(db_one(c->db, &SQL_response_history, &row));
    return reply_doc(c, row_text(&row, "doc"));
}

int on_response_history_turn(struct call *c, const struct response_history_turn *m)
{
    bool is_external = m->has_past_studies_tabs && span_is(m->past_studies_tabs, "1");

    return reply_see_other(c, "/studies/history/%s", is_external ? "?past_studies_tabs=1" : "");
}
