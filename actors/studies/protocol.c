/* protocol: the text of a study. It is kept as typed, mistakes and all, as long as it is JSON; what the
 * checker says about it is shown beside it, and the builder refuses what has errors. */
#include <stdlib.h>

#include "checker.h"
#include "json_reader.h"
#include "studies.h"
#include "studies_sql.h"

/* [{"line":3,"column":7,"sentence":"…","is_error":true},…] */
static void findings_write(struct json_out *o, struct span text)
{
    struct protocol_report *report = malloc(sizeof *report);
    int err;

    MUST(report);
    err = protocol_check(text, report);
    MUST(err == 0 || err == ERR_INVALID);
    json_array(o);
    for (size_t i = 0; i < report->n; i++) {
        const struct protocol_finding *f = &report->finding[i];
        json_object(o);
        json_key(o, SPAN("line"));
        json_add_u64(o, f->line);
        json_key(o, SPAN("column"));
        json_add_u64(o, f->column);
        json_key(o, SPAN("sentence"));
        json_add_string(o, span_of(f->sentence));
        json_key(o, SPAN("is_error"));
        json_add_bool(o, f->severity == PROTOCOL_ERROR);
        json_end(o);
    }
    json_end(o);
    free(report);
}

int on_study_design(struct call *c, const struct study_design *m)
{
    struct row row;

    TRY(db_one(c->db, &SQL_study_design, &row));
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "You may read this study, not edit it.");
    if (row_i64(&row, "study_type") != 1)
        return refuse(c, ERR_UNSUPPORTED, NULL, "This site edits studies of the Lookit player only, so far.");
    return reply_see_other(c, "/exp/studies/%llu/design/efp/", (unsigned long long)m->study);
}

int on_study_protocol(struct call *c, const struct study_protocol *m)
{
    struct row row;
    struct json_out o;

    (void)m;
    TRY(db_one(c->db, &SQL_study_protocol, &row));
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "You may read this study, not edit it.");
    if (row_i64(&row, "study_type") != 1)
        return ERR_NOTFOUND;
    json_out_init(&o, c->arena);
    json_object(&o);
    json_key(&o, SPAN("study"));
    json_add_raw(&o, row_text(&row, "study"));
    json_key(&o, SPAN("form"));
    json_add_raw(&o, row_text(&row, "form"));
    json_key(&o, SPAN("will_be_rejected"));
    json_add_bool(&o, row_bool(&row, "will_be_rejected"));
    json_key(&o, SPAN("player"));
    json_add_string(&o, SPAN(LOOKIT_VERSION));
    json_key(&o, SPAN("findings"));
    findings_write(&o, row_text(&row, "structure"));
    json_end(&o);
    return reply_doc(c, json_out_span(&o));
}

/* What is no JSON is not kept: the form is shown again with the text and the place. */
static int structure_check(struct call *c, struct span text)
{
    const struct json_limits limits = {
        .values_max = PROTOCOL_VALUES_MAX, .bytes_max = PROTOCOL_BYTES_MAX, .refuse_nul = true};
    struct json_error wrong;

    if (json_valid(text, &limits, &wrong))
        form_error(c, "structure",
                   "Line %u, column %u: %s. Nothing is saved yet; please do not leave this page.",
                   (unsigned)wrong.place.line, (unsigned)wrong.place.column, json_why_text(wrong.why));
    return form_check(c);
}

/* The reference checks that these exist in a repository; here they are only kept for those who export a
 * study. */
static int player_check(struct call *c, const struct study_protocol_save *m)
{
    if (m->has_player_repo_url && m->player_repo_url.n && !text_is_url(m->player_repo_url))
        form_error(c, "player_repo_url", "Please give a whole address, with https:// in front.");
    return form_check(c);
}

int on_study_protocol_save(struct call *c, const struct study_protocol_save *m)
{
    struct row row;
    struct uuid uuid;
    bool was_rejected, is_rejected;
    int err;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_study_lock, &row));
    if (!row_bool(&row, "may_know"))
        return ERR_NOTFOUND;
    if (!row_bool(&row, "may_write"))
        return refuse(c, ERR_DENIED, NULL, "You may read this study, not edit it.");
    was_rejected = span_is(row_text(&row, "state"), "rejected");
    if (!m->use_generator)
        TRY(structure_check(c, m->structure));
    TRY(player_check(c, m));
    db_bind_bool(c->db, "is_json", !m->use_generator);
    err = db_one(c->db, &SQL_study_protocol_save, &row);
    if (err == ERR_INVALID || err == ERR_TOOBIG) { /* a number that no database holds, say */
        form_error(c, "structure", "This cannot be kept: a number or a text in it is too big.");
        return form_check(c);
    }
    TRY(err);
    uuid = row_uuid(&row, "uuid");
    is_rejected = span_is(row_text(&row, "state"), "rejected");
    TRY(study_event(c, "study.changed", m->viewer, &uuid));
    TRY(db_commit(c->db));
    return reply_see_other_noting(
        c,
        is_rejected && !was_rejected
            ? "Saved. The study was approved as it was, so it must be submitted again."
            : "Saved. Build the study so that families get the change.",
        "/exp/studies/%llu/", (unsigned long long)m->study);
}

int on_study_protocol_check(struct call *c, const struct study_protocol_check *m)
{
    struct row row;
    struct json_out o;

    TRY(db_one(c->db, &SQL_study_design, &row));
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "You may read this study, not edit it.");
    json_out_init(&o, c->arena);
    json_object(&o);
    json_key(&o, SPAN("findings"));
    findings_write(&o, m->structure);
    json_end(&o);
    return reply_doc(c, json_out_span(&o));
}
