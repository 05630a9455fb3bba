/* studies: labs and studies, from the first draft to the page on which a family starts one.
 *
 * Hears:  lab.*, study.*, api.study… (gateway), study.demo (ops)      Asks: version.build (builder)
 * Owns:   tables lab, lab_member, lab_request, membership, study, study_log, must_have_participated,
 *         must_not_have_participated
 * Blocks: on its own connection, at most statement_timeout; on the builder, while it makes the demonstration
 */
#include "studies.h"

#include "studies_sql.h"

int study_event(struct call *c, const char *kind, uint64_t account, const struct uuid *subject)
{
    struct row row;

    db_bind_text(c->db, "kind", span_of(kind));
    if (account)
        db_bind_i64(c->db, "account", (int64_t)account);
    else
        db_bind_null(c->db, "account");
    db_bind_uuid(c->db, "subject", subject);
    return db_one(c->db, &SQL_event_studies, &row);
}

void needed_check(struct call *c, const struct needed *list)
{
    for (; list->field; list++)
        if (list->text.n == 0)
            form_error(c, list->field, "Please fill this in.");
}

bool text_is_url(struct span text)
{
    size_t scheme = text.n > 8 && memcmp(text.p, "https://", 8) == 0  ? 8
                    : text.n > 7 && memcmp(text.p, "http://", 7) == 0 ? 7
                                                                      : 0;

    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ' || strchr("\"<>\\^`{|}\x7f", text.p[i]))
            return false;
    return scheme && text.p[scheme] != '/';
}

bool text_is_email(struct span text)
{
    const char *at = text.n ? memchr(text.p, '@', text.n) : NULL;
    size_t host = at ? text.n - (size_t)(at + 1 - text.p) : 0;

    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ' || strchr("\",;<>\x7f", text.p[i]))
            return false;
    return at && at > text.p && host > 2 && !memchr(at + 1, '@', host) && memchr(at + 2, '.', host - 2) &&
           text.p[text.n - 1] != '.';
}

const struct actor_def studies_actor = {
    .name = "studies",
    .has_db = true,
    .on = (const struct handler[]){VIEW(lab_list),
                                   VIEW(lab_form),
                                   ON(lab_create, on_lab_create),
                                   VIEW(lab_page),
                                   ON(lab_edit_form, on_lab_edit_form),
                                   ON(lab_save, on_lab_save),
                                   ON(lab_ask, on_lab_ask),
                                   ON(lab_member, on_lab_member),
                                   VIEW(study_manage),
                                   ON(study_form, on_study_form),
                                   ON(study_create, on_study_create),
                                   VIEW(study_page),
                                   ON(study_edit_form, on_study_edit_form),
                                   ON(study_save, on_study_save),
                                   ON(study_design, on_study_design),
                                   ON(study_protocol, on_study_protocol),
                                   ON(study_protocol_save, on_study_protocol_save),
                                   ON(study_protocol_check, on_study_protocol_check),
                                   ON(study_transition, on_study_transition),
                                   ON(study_clone, on_study_clone),
                                   VIEW(study_preview_detail),
                                   ON(study_preview_start, on_study_preview_start),
                                   VIEW(study_browse),
                                   ON(study_show, on_study_show),
                                   ON(study_start, on_study_start),
                                   ON(study_demo, on_study_demo),
                                   VIEW(api_studies),
                                   VIEW(api_study),
                                   {0}},
    .sql = studies_sql,
};
