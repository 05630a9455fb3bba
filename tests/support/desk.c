#include "desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "migrate.h"

void desk_migrate(void)
{
    char why[MIGRATE_WHY_MAX];

    crypt_init();
    if (migrate(getenv("DATABASE_URL"), why))
        fail_msg("migrate: %s", why);
}

/* Statements of the tests are made as they come; a connection for each keeps this simple. */
static const char *query(const char *sql)
{
    static char value[65536];
    static const struct column out[] = {{"value", "text", 25}};
    char text[8192];
    struct statement s = {"desk", text, NULL, 0, out, 1, ROWS_MAYBE};
    const struct statement *const all[] = {&s, NULL};
    struct arena *a = arena_new();
    struct db *db = NULL;
    struct row row = {0};
    struct span got;

    (void)snprintf(text, sizeof text, "%s", sql);
    if (db_open(&db, getenv("DATABASE_URL"), "desk", all, 5000))
        fail_msg("%s: %s", sql, db ? db_why(db) : "no connection");
    db_call(db, a, NULL, NULL);
    if (db_maybe(db, &s, &row))
        fail_msg("%s: %s", sql, db_why(db));
    got = row.result ? row_text(&row, "value") : (struct span){NULL, 0};
    (void)snprintf(value, sizeof value, "%.*s", (int)got.n, got.p ? got.p : "");
    db_close(&db);
    arena_free(&a);
    return value;
}

const char *desk_text(const char *fmt, ...)
{
    char sql[8000], wrapped[8192];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(sql, sizeof sql, fmt, args);
    va_end(args);
    (void)snprintf(wrapped, sizeof wrapped, "with q (value) as (%s) select value::text as value from q", sql);
    return query(wrapped);
}

int64_t desk_sql(const char *fmt, ...)
{
    char sql[8000], wrapped[8192];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(sql, sizeof sql, fmt, args);
    va_end(args);
    (void)snprintf(wrapped, sizeof wrapped, "with q (value) as (%s) select value::text as value from q", sql);
    return strtoll(query(wrapped), NULL, 10);
}

int64_t desk_account(const char *username, bool is_researcher)
{
    return desk_sql("insert into account (username, password, nickname, is_active, is_researcher) "
                    "values ('%s', '!', 'Ann', true, %s) returning id",
                    username, is_researcher ? "true" : "false");
}

static struct span answer_doc(struct rig *r)
{
    if (r->answer.message == &MESSAGE_reply_doc)
        return ((const struct reply_doc *)r->answer.body)->doc;
    if (r->answer.message == &MESSAGE_reply_created)
        return ((const struct reply_created *)r->answer.body)->doc;
    fail_msg("the answer is no document: %s",
             r->answer.message ? r->answer.message->name : err_name(r->answer.err));
    return (struct span){NULL, 0};
}

static const char *text_of(struct rig *r, const struct json *v)
{
    struct span s;

    if (!v)
        return NULL;
    s = json_kind(v) == JSON_STRING ? json_string(v) : json_text(r->arena, v);
    return arena_copy(r->arena, s).p;
}

const char *desk_doc(struct rig *r, const char *path)
{
    const struct json *v = NULL;
    char name[64];

    assert_int_equal(json_parse(r->arena, answer_doc(r), &v, NULL), 0);
    while (v && *path) {
        size_t n = strcspn(path, ".");
        assert_true(n < sizeof name);
        (void)snprintf(name, sizeof name, "%.*s", (int)n, path);
        v = json_kind(v) == JSON_ARRAY ? json_at(v, (size_t)strtoul(name, NULL, 10)) : json_get(v, name);
        path += n + (path[n] == '.');
    }
    return text_of(r, v);
}

const char *desk_location(struct rig *r)
{
    struct span s = {NULL, 0};

    if (r->answer.message == &MESSAGE_reply_see_other)
        s = ((const struct reply_see_other *)r->answer.body)->location;
    else if (r->answer.message == &MESSAGE_reply_created)
        s = ((const struct reply_created *)r->answer.body)->location;
    else if (r->answer.message == &MESSAGE_reply_session)
        s = ((const struct reply_session *)r->answer.body)->location;
    else
        fail_msg("the answer leads nowhere: %s",
                 r->answer.message ? r->answer.message->name : err_name(r->answer.err));
    return arena_copy(r->arena, s).p;
}

const char *desk_error(struct rig *r, const char *field)
{
    const struct json *v = NULL;

    if (!r->answer.errors.p || json_parse(r->arena, r->answer.errors, &v, NULL))
        return NULL;
    return text_of(r, json_at(json_get(v, field), 0));
}
