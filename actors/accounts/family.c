/* family: children, and what a family tells about itself. */
#include "accounts.h"
#include "accounts_sql.h"

#define CHILDREN_MAX 100

static bool day_exists(int year, int month, int day)
{
    static const uint8_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return year >= 1900 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 &&
           day <= length[month - 1] + (is_leap && month == 2);
}

static void gender_check(struct call *c, struct span gender, bool may_be_blank)
{
    bool is_known =
        span_is(gender, "m") || span_is(gender, "f") || span_is(gender, "o") || span_is(gender, "na");

    if (!is_known && !(may_be_blank && gender.n == 0))
        form_error(c, "gender", "Please choose one of these.");
}

int on_child_add(struct call *c, const struct child_add *m)
{
    struct row row;
    struct uuid uuid;

    if (m->given_name.n == 0)
        form_error(c, "given_name", "Please give a name; initials are fine.");
    if (!day_exists(m->birthday_year, m->birthday_month, m->birthday_day))
        form_error(c, "birthday", "There is no such day.");
    gender_check(c, m->gender, false);
    TRY(form_check(c));
    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_child_count, &row));
    if (row_i64(&row, "n") >= CHILDREN_MAX)
        return refuse(c, ERR_CONFLICT, NULL, "An account can hold %d children.", CHILDREN_MAX);
    TRY(db_maybe(c->db, &SQL_child_add, &row));
    if (!row.result) {
        form_error(c, "birthday", "This day is still to come.");
        return form_check(c);
    }
    uuid = row_uuid(&row, "uuid");
    TRY(account_event(c, "child.added", (int64_t)m->viewer, &uuid));
    TRY(reply_see_other_noting(c, "Your child was added.", "/account/children/"));
    return call_commit(c);
}

int on_child_save(struct call *c, const struct child_save *m)
{
    struct row row;

    if (m->deleteChild) {
        TRY(db_begin(c->db));
        TRY(db_one(c->db, &SQL_child_remove, &row));
        TRY(account_event(c, "child.removed", (int64_t)m->viewer, &m->child));
        TRY(db_commit(c->db));
        return reply_see_other_noting(c, "The child was removed.", "/account/children/");
    }
    if (m->given_name.n == 0)
        form_error(c, "given_name", "Please give a name; initials are fine.");
    gender_check(c, m->gender, false);
    TRY(form_check(c));
    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_child_save, &row));
    TRY(account_event(c, "child.changed", (int64_t)m->viewer, &m->child));
    TRY(db_commit(c->db));
    return reply_see_other_noting(c, "Saved.", "/account/children/");
}

static bool digits_read(const char *p, size_t n, int *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        *out = *out * 10 + (p[i] - '0');
    }
    return n > 0;
}

/* "2024-02-17", "2/17/2024" or "2/17/24" -> year, month, day. */
static bool date_read(struct span s, int *year, int *month, int *day)
{
    const char *first, *second;

    if (s.n == 10 && s.p[4] == '-' && s.p[7] == '-')
        return digits_read(s.p, 4, year) && digits_read(s.p + 5, 2, month) && digits_read(s.p + 8, 2, day);
    first = s.n <= 10 ? memchr(s.p, '/', s.n) : NULL;
    second = first ? memchr(first + 1, '/', s.n - (size_t)(first + 1 - s.p)) : NULL;
    if (!second || !digits_read(s.p, (size_t)(first - s.p), month) ||
        !digits_read(first + 1, (size_t)(second - first - 1), day) ||
        !digits_read(second + 1, s.n - (size_t)(second + 1 - s.p), year))
        return false;
    if (s.n - (size_t)(second + 1 - s.p) == 2)
        *year += *year < 70 ? 2000 : 1900; /* POSIX %y */
    return true;
}

/* Dates with commas between -> "2024-02-17,2021-08-30" for PostgreSQL. */
static struct span dates_read(struct call *c, struct span text)
{
    struct text out = {0};
    size_t at = 0;
    int place = 1, year, month, day;

    while (at <= text.n && text.n) {
        const char *comma = memchr(text.p + at, ',', text.n - at);
        struct span part = {text.p + at, comma ? (size_t)(comma - text.p) - at : text.n - at};
        at += part.n + 1;
        while (part.n && part.p[0] == ' ')
            part = (struct span){part.p + 1, part.n - 1};
        while (part.n && part.p[part.n - 1] == ' ')
            part.n--;
        if (part.n == 0 && at > text.n)
            break;
        if (!date_read(part, &year, &month, &day) || !day_exists(year, month, day))
            form_error(c, "child_birthdays", "Number %d is not a date like 2024-02-17.", place);
        else
            text_print(c->arena, &out, "%s%04d-%02d-%02d", out.n ? "," : "", year, month, day);
        place++;
    }
    return text_span(&out);
}

int on_demographic_save(struct call *c, const struct demographic_save *m)
{
    struct row row;
    struct uuid uuid;
    bool has_child;
    struct span birthdays = dates_read(c, m->child_birthdays);

    gender_check(c, m->gender, true);
    TRY(form_check(c));
    TRY(db_begin(c->db));
    db_bind_text(c->db, "birthdays", birthdays.p ? birthdays : SPAN(""));
    TRY(db_one(c->db, &SQL_demographic_add, &row));
    uuid = row_uuid(&row, "uuid");
    has_child = row_bool(&row, "has_child");
    TRY(account_event(c, "demographic.added", (int64_t)m->viewer, &uuid));
    TRY(reply_see_other_noting(c, "Thank you, this is saved.",
                               has_child ? "/account/demographics/" : "/account/children/"));
    return call_commit(c);
}
