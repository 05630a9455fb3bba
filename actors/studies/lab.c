/* lab: who a lab is. */
#include "studies.h"
#include "studies_sql.h"

/* What create and save have in common. */
struct lab_texts {
    struct span name, slug, principal_investigator_name, contact_email, contact_phone, lab_website,
        description, irb_contact_info;
};

/* The last part of /studies/SLUG/, where other pages live, too. */
static bool slug_is_taken(struct span slug)
{
    static const char *const words[] = {
        "babies", "toddlers", "preschoolers", "school-age-kids", "adults", "history", "j", NULL};
    struct uuid uuid;

    for (const char *const *w = words; *w; w++)
        if (span_is(slug, *w))
            return true;
    return uuid_read(slug, &uuid) == 0;
}

static bool slug_is_good(struct span slug)
{
    for (size_t i = 0; i < slug.n; i++) {
        char ch = slug.p[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' ||
              ch == '-'))
            return false;
    }
    return true;
}

static int lab_check(struct call *c, const struct lab_texts *t)
{
    needed_check(c, (const struct needed[]){{"name", t->name},
                                            {"slug", t->slug},
                                            {"principal_investigator_name", t->principal_investigator_name},
                                            {"contact_email", t->contact_email},
                                            {"contact_phone", t->contact_phone},
                                            {"description", t->description},
                                            {"irb_contact_info", t->irb_contact_info},
                                            {NULL, {NULL, 0}}});
    if (!slug_is_good(t->slug))
        form_error(c, "slug", "Only letters, digits, - and _ can stand here.");
    else if (slug_is_taken(t->slug))
        form_error(c, "slug", "Another page of this site lives at this address. Please choose another one.");
    if (t->contact_email.n && !text_is_email(t->contact_email))
        form_error(c, "contact_email", "This is no email address.");
    if (t->lab_website.n && !text_is_url(t->lab_website))
        form_error(c, "lab_website", "Please give a whole address, with https:// in front.");
    return form_check(c);
}

/* Another lab has the same name, address or mail: says so at the field. */
static int lab_conflict(struct call *c, int err)
{
    const char *what = db_constraint(c->db);

    if (err != ERR_CONFLICT)
        return err;
    if (strcmp(what, "lab_name_key") == 0)
        form_error(c, "name", "Another lab has this name.");
    else if (strcmp(what, "lab_slug_key") == 0)
        form_error(c, "slug", "Another lab has this address.");
    else if (strcmp(what, "lab_contact_email_key") == 0)
        form_error(c, "contact_email", "Another lab has this email address.");
    else
        return err;
    return form_check(c);
}

int on_lab_create(struct call *c, const struct lab_create *m)
{
    struct lab_texts texts = {m->name,
                              m->slug,
                              m->principal_investigator_name,
                              m->contact_email,
                              m->contact_phone,
                              m->lab_website,
                              m->description,
                              m->irb_contact_info};
    struct row row;
    struct uuid uuid;
    int64_t id;
    int err;

    TRY(lab_check(c, &texts));
    TRY(db_begin(c->db));
    err = db_one(c->db, &SQL_lab_add, &row);
    if (err)
        return lab_conflict(c, err);
    id = row_i64(&row, "id");
    db_bind_i64(c->db, "id", id);
    TRY(db_run(c->db, &SQL_lab_lead, NULL));
    db_bind_i64(c->db, "id", id);
    TRY(db_one(c->db, &SQL_lab_uuid, &row));
    uuid = row_uuid(&row, "uuid");
    TRY(study_event(c, "lab.created", m->viewer, &uuid));
    TRY(reply_see_other_noting(
        c, "The lab is there. Its studies can run once the people of this site approve it.",
        "/exp/labs/%lld/", (long long)id));
    return call_commit(c);
}

int on_lab_edit_form(struct call *c, const struct lab_edit_form *m)
{
    struct row row;

    (void)m;
    TRY(db_one(c->db, &SQL_lab_edit_form, &row));
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "Only administrators of the lab can edit it.");
    return reply_doc(c, row_text(&row, "doc"));
}

int on_lab_save(struct call *c, const struct lab_save *m)
{
    struct lab_texts texts = {m->name,
                              m->slug,
                              m->principal_investigator_name,
                              m->contact_email,
                              m->contact_phone,
                              m->lab_website,
                              m->description,
                              m->irb_contact_info};
    struct row row;
    struct uuid uuid;
    bool was_approved, is_approved;
    int err;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_lab_lock, &row));
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "Only administrators of the lab can edit it.");
    TRY(lab_check(c, &texts));
    uuid = row_uuid(&row, "uuid");
    was_approved = row_bool(&row, "approved_to_test");
    is_approved = row_bool(&row, "may_approve") ? m->approved_to_test : was_approved;
    db_bind_bool(c->db, "is_approved", is_approved);
    err = db_run(c->db, &SQL_lab_save, NULL);
    if (err)
        return lab_conflict(c, err);
    TRY(study_event(c, "lab.changed", m->viewer, &uuid));
    if (was_approved != is_approved)
        TRY(study_event(c, is_approved ? "lab.approved" : "lab.approval_withdrawn", m->viewer, &uuid));
    TRY(db_commit(c->db));
    return reply_see_other_noting(c, "Saved.", "/exp/labs/%llu/", (unsigned long long)m->lab);
}

int on_lab_ask(struct call *c, const struct lab_ask *m)
{
    struct row row;
    struct uuid uuid;
    bool is_member;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_lab_ask, &row));
    uuid = row_uuid(&row, "uuid");
    is_member = row_bool(&row, "is_member");
    if (!is_member)
        TRY(study_event(c, "lab.join_asked", m->viewer, &uuid));
    TRY(db_commit(c->db));
    return reply_see_other_noting(
        c, is_member ? "You are a member of this lab already." : "Your request is kept for the lab.",
        "/exp/labs/%llu/", (unsigned long long)m->lab);
}

static bool is_role(struct span action)
{
    return span_is(action, "make_guest") || span_is(action, "make_member") || span_is(action, "make_admin");
}

int on_lab_member(struct call *c, const struct lab_member *m)
{
    bool is_leaving = span_is(m->user_action, "remove_researcher");
    struct row row;
    struct uuid uuid;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_lab_member_lock, &row));
    uuid = row_uuid(&row, "uuid");
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "Only administrators of the lab decide who belongs to it.");
    if (!row_bool(&row, "is_member") && !row_bool(&row, "is_asking"))
        return ERR_NOTFOUND;
    if (!is_leaving && !is_role(m->user_action))
        return refuse(c, ERR_INVALID, "user_action", "There is no such role.");
    if (row_bool(&row, "is_last_admin") && !span_is(m->user_action, "make_admin")) {
        db_rollback(c->db);
        return reply_see_other_warning(
            c, "Nothing was changed. A lab needs an administrator: make somebody else one first.",
            "/exp/labs/%llu/", (unsigned long long)m->lab);
    }
    TRY(db_run(c->db, is_leaving ? &SQL_lab_member_leave : &SQL_lab_member_set, NULL));
    TRY(study_event(c, is_leaving ? "lab.member_removed" : "lab.member_changed", m->viewer, &uuid));
    TRY(db_commit(c->db));
    return reply_see_other_noting(
        c, is_leaving ? "Taken out of the lab and of its studies." : "The role is set.", "/exp/labs/%llu/",
        (unsigned long long)m->lab);
}
