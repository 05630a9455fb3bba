/* way: how a study goes from draft to families and back. The steps are rows (0012_studies.sql); here is only
 * their order: right, state, what stands in the way, and then row, log and event in one transaction. */
#include "studies.h"
#include "studies_sql.h"

#define DEMO_BUILD_MS 30000

/* Back to the page of the study with the reason; nothing has changed. */
static int step_refused(struct call *c, uint64_t study, struct span why)
{
    db_rollback(c->db);
    return reply_see_other_warning(c, arena_print(c->arena, "Nothing was changed. %.*s", (int)why.n, why.p).p,
                                   "/exp/studies/%llu/", (unsigned long long)study);
}

int on_study_transition(struct call *c, const struct study_transition *m)
{
    struct row row;
    const char *past;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_study_step, &row));
    if (!row_bool(&row, "may_know"))
        return ERR_NOTFOUND;
    if (!row_bool(&row, "is_known"))
        return step_refused(c, m->study, SPAN("There is no such step."));
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "You may not take this step with the study.");
    if (row_is_null(&row, "to_state"))
        return step_refused(
            c, m->study,
            SPAN("The study is in a state that does not allow this step; perhaps somebody was faster."));
    if (!row_is_null(&row, "hindrance"))
        return step_refused(c, m->study, row_text(&row, "hindrance"));
    past = row_text(&row, "past").p;
    db_bind_text(c->db, "to_state", row_text(&row, "to_state"));
    db_bind_bool(c->db, "wants_comments", row_bool(&row, "wants_comments"));
    db_bind_text(c->db, "mail", row_text(&row, "mail"));
    db_bind_text(c->db, "comments", m->has_comments_text ? m->comments_text : SPAN(""));
    TRY(db_one(c->db, &SQL_study_step_take, &row));
    TRY(reply_see_other_noting(c, past, "/exp/studies/%llu/", (unsigned long long)m->study));
    TRY(call_commit(c));
    say(c, &MESSAGE_job_added, &(struct job_added){0});
    return 0;
}

/* Each part is done once, whatever became of an earlier try: a site without accounts gets the study, one that
 * was left half-way gets the rest. */
int on_study_demo(struct call *c, const struct study_demo *m)
{
    struct version_build build = {0};
    struct row row;
    const void *built;
    bool is_begun, is_fresh;

    (void)m;
    TRY(db_begin(c->db));
    TRY(db_maybe(c->db, &SQL_study_demo_lab, &row));
    is_begun = row.result && !row_is_null(&row, "study");
    is_fresh = row.result && row_bool(&row, "is_fresh");
    if (is_begun) {
        build.study = row_uuid(&row, "study");
    } else if (is_fresh) {
        db_bind_i64(c->db, "lab", row_i64(&row, "lab"));
        TRY(db_maybe(c->db, &SQL_study_demo_add, &row));
        is_begun = row.result;
        if (is_begun) {
            build.study = row_uuid(&row, "uuid");
            TRY(study_event(c, "study.created", 0, &build.study));
        }
    }
    TRY(db_commit(c->db));
    if (!is_begun)
        return reply_done(c);
    TRY(ask(c, &MESSAGE_version_build, &build, DEMO_BUILD_MS, &built));
    db_bind_uuid(c->db, "study", &build.study);
    TRY(db_run(c->db, &SQL_study_demo_start, NULL));
    return reply_done(c);
}
