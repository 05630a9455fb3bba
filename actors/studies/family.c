/* family: how families find a study and start it, and what players ask about it. */
#include "studies.h"
#include "studies_sql.h"

static int closed(struct call *c, const struct row *row)
{
    struct span name = row_text(row, "name"), contact = row_text(row, "contact_info");

    return refuse(c, ERR_DENIED, NULL,
                  "The study “%.*s” is not collecting data: it is over, or has a break. If you have "
                  "questions, please contact %.*s.",
                  (int)name.n, name.p, (int)contact.n, contact.p);
}

int on_study_show(struct call *c, const struct study_show *m)
{
    struct row row;

    (void)m;
    TRY(db_one(c->db, &SQL_study_show, &row));
    if (!span_is(row_text(&row, "state"), "active"))
        return closed(c, &row);
    return reply_doc(c, row_text(&row, "doc"));
}

/* What must be so before anybody starts anything, as a form of the study's page. */
static int start_check(struct call *c, const struct row *row)
{
    if (row_i64(row, "study_type") != 1)
        return refuse(c, ERR_UNSUPPORTED, NULL,
                      "This study runs on another site or with jsPsych; this site cannot start those yet.");
    if (!row_bool(row, "has_child"))
        form_error(c, "child_id", "Please choose one of your children.");
    if (!row_bool(row, "has_demographics"))
        form_error(c, "form",
                   "Please tell us about your family first: a few optional questions, in your account.");
    if (!row_bool(row, "is_built"))
        form_error(c, "form", "This study is not ready to run yet.");
    return form_check(c);
}

int on_study_start(struct call *c, const struct study_start *m)
{
    char study[37], child[37];
    struct row row;

    TRY(db_one(c->db, &SQL_study_start, &row));
    if (!span_is(row_text(&row, "state"), "active"))
        return closed(c, &row);
    TRY(start_check(c, &row));
    TRY(db_run(c->db, &SQL_study_forget, NULL));
    uuid_text(&m->study, study);
    uuid_text(&m->child_id, child);
    return reply_see_other(c, "/studies/%s/%s/", study, child);
}

int on_study_preview_start(struct call *c, const struct study_preview_start *m)
{
    char study[37], child[37];
    struct row row;

    TRY(db_one(c->db, &SQL_study_start, &row));
    if (!row_bool(&row, "may_preview"))
        return ERR_NOTFOUND;
    TRY(start_check(c, &row));
    uuid_text(&m->study, study);
    uuid_text(&m->child_id, child);
    return reply_see_other(c, "/exp/studies/%s/%s/preview/", study, child);
}
