/* ad: what families read about a study: created, edited, copied. */
#include "studies.h"
#include "studies_sql.h"

/* What create and save have in common. */
struct ad {
    struct span name, preview_summary, short_description, purpose, exit_url, criteria, duration, contact_info;
    int min_days, max_days;
    uint8_t priority;
    bool has_expression;
};

#define AD_OF(m)                                                                                             \
    ((const struct ad){(m)->name, (m)->preview_summary, (m)->short_description, (m)->purpose, (m)->exit_url, \
                       (m)->criteria, (m)->duration, (m)->contact_info,                                      \
                       (m)->min_age_years * 365 + (m)->min_age_months * 30 + (m)->min_age_days,              \
                       (m)->max_age_years * 365 + (m)->max_age_months * 30 + (m)->max_age_days,              \
                       (m)->priority, (m)->criteria_expression.n > 0})

static int ad_check(struct call *c, const struct ad *ad)
{
    struct row row;

    needed_check(c, (const struct needed[]){{"name", ad->name},
                                            {"preview_summary", ad->preview_summary},
                                            {"short_description", ad->short_description},
                                            {"purpose", ad->purpose},
                                            {"exit_url", ad->exit_url},
                                            {"criteria", ad->criteria},
                                            {"duration", ad->duration},
                                            {"contact_info", ad->contact_info},
                                            {NULL, {NULL, 0}}});
    if (ad->exit_url.n && !text_is_url(ad->exit_url))
        form_error(c, "exit_url", "Please give a whole address, with https:// in front.");
    if (ad->priority < 1)
        form_error(c, "priority", "This is a number from 1 to 99.");
    if (ad->min_days > ad->max_days)
        form_error(c, "age", "The window ends (%d days) before it begins (%d days).", ad->max_days,
                   ad->min_days);
    if (ad->has_expression) {
        TRY(db_one(c->db, &SQL_study_criteria, &row));
        if (!row_is_null(&row, "why"))
            form_error(c, "criteria_expression", "%.*s", (int)row_text(&row, "why").n,
                       row_text(&row, "why").p);
    }
    return 0;
}

/* May the viewer put up studies in this lab? */
static int lab_check(struct call *c, bool has_lab)
{
    struct row row;

    if (!has_lab) {
        form_error(c, "lab", "Please choose a lab.");
        return 0;
    }
    TRY(db_one(c->db, &SQL_study_labs, &row));
    if (!row_bool(&row, "may"))
        form_error(c, "lab", "You cannot put up studies in this lab.");
    return 0;
}

int on_study_form(struct call *c, const struct study_form *m)
{
    struct row row;

    (void)m;
    TRY(db_one(c->db, &SQL_study_form, &row));
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "To put up a study, join or found a lab first.");
    return reply_doc(c, row_text(&row, "doc"));
}

/* The rest of a new study, whose row was just made. */
static int study_new(struct call *c, uint64_t viewer, const struct row *made, int64_t *id)
{
    struct uuid uuid = row_uuid(made, "uuid");

    *id = row_i64(made, "id");
    db_bind_i64(c->db, "id", *id);
    TRY(db_run(c->db, &SQL_study_lead, NULL));
    return study_event(c, "study.created", viewer, &uuid);
}

int on_study_create(struct call *c, const struct study_create *m)
{
    struct row row;
    int64_t id;

    TRY(db_begin(c->db));
    TRY(ad_check(c, &AD_OF(m)));
    TRY(lab_check(c, m->has_lab));
    if (m->study_type != 1)
        form_error(c, "study_type", "This site runs studies with the Lookit player only, so far.");
    TRY(form_check(c));
    TRY(db_one(c->db, &SQL_study_add, &row));
    TRY(study_new(c, m->viewer, &row, &id));
    db_bind_i64(c->db, "id", id);
    TRY(db_run(c->db, &SQL_study_participation, NULL));
    TRY(reply_see_other_noting(c, "The study is there. Now write its protocol.",
                               "/exp/studies/%lld/design/efp/", (long long)id));
    return call_commit(c);
}

int on_study_edit_form(struct call *c, const struct study_edit_form *m)
{
    struct row row;

    (void)m;
    TRY(db_one(c->db, &SQL_study_edit_form, &row));
    if (!row_bool(&row, "may_know"))
        return ERR_NOTFOUND;
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "You may read this study, not edit it.");
    return reply_doc(c, row_text(&row, "doc"));
}

int on_study_save(struct call *c, const struct study_save *m)
{
    struct row row;
    struct uuid uuid;
    int64_t lab;
    bool was_rejected, is_rejected;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_study_lock, &row));
    if (!row_bool(&row, "may_know"))
        return ERR_NOTFOUND;
    if (!row_bool(&row, "may_write"))
        return refuse(c, ERR_DENIED, NULL, "You may read this study, not edit it.");
    uuid = row_uuid(&row, "uuid");
    lab = row_i64(&row, "lab");
    was_rejected = span_is(row_text(&row, "state"), "rejected");
    TRY(ad_check(c, &AD_OF(m)));
    if (row_bool(&row, "may_change_lab") && m->has_lab && (int64_t)m->lab != lab) {
        TRY(lab_check(c, true));
        lab = (int64_t)m->lab;
    }
    TRY(form_check(c));
    db_bind_i64(c->db, "new_lab", lab);
    TRY(db_one(c->db, &SQL_study_save, &row));
    is_rejected = span_is(row_text(&row, "state"), "rejected");
    db_bind_i64(c->db, "id", (int64_t)m->study);
    TRY(db_run(c->db, &SQL_study_participation, NULL));
    TRY(study_event(c, "study.changed", m->viewer, &uuid));
    TRY(db_commit(c->db));
    return reply_see_other_noting(
        c,
        is_rejected && !was_rejected
            ? "Saved. The study was approved as it was, so it must be submitted again."
            : "Saved.",
        "/exp/studies/%llu/", (unsigned long long)m->study);
}

int on_study_clone(struct call *c, const struct study_clone *m)
{
    struct row row;
    int64_t id;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_study_readable, &row));
    TRY(db_maybe(c->db, &SQL_study_clone, &row));
    if (!row.result)
        return refuse(c, ERR_DENIED, NULL, "To copy a study, join or found a lab first.");
    TRY(study_new(c, m->viewer, &row, &id));
    TRY(reply_see_other_noting(c, "This is the copy.", "/exp/studies/%lld/edit/", (long long)id));
    return call_commit(c);
}
