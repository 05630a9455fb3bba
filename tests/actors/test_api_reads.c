/* NEEDS: database */
/* What is read of the JSON:API, over HTTP, by the real desks: every line of api_reads.table is a test. */
#include <stdio.h>
#include <stdlib.h>

#include "accounts.h"
#include "desk.h"
#include "front.h"
#include "responses.h"
#include "route.h"
#include "studies.h"

#define LINES_MAX 250
#define COLUMNS 8

struct line {
    const char *claim, *given, *who, *ask, *status, *count, *value, *lacks;
};

static struct front front;
static struct arena *arena;
static struct db *db;
static struct line lines[LINES_MAX];
static struct CMUnitTest tests[LINES_MAX];
static size_t lines_n;

static bool is_none(const char *column)
{
    return strcmp(column, "-") == 0;
}

/* {name} becomes the uuid of that thing. */
static const char *filled(const char *text)
{
    struct text out = {0};
    const char *open, *close;

    while ((open = strchr(text, '{')) != NULL && (close = strchr(open, '}')) != NULL) {
        text_add(arena, &out, (struct span){text, (size_t)(open - text)});
        text_add(arena, &out,
                 span_of(desk_text("select uuid from t.thing where name = '%.*s'", (int)(close - open - 1),
                                   open + 1)));
        text = close + 1;
    }
    text_add(arena, &out, span_of(text));
    return arena_copy(arena, text_span(&out)).p;
}

/* The text of a value at a path like "data.0.id"; NULL when there is none. */
static const char *at(const struct json *v, const char *path)
{
    while (v && *path) {
        size_t n = strcspn(path, ".");
        struct span name = {path, n};
        v = json_kind(v) == JSON_ARRAY ? json_at(v, (size_t)strtoul(path, NULL, 10)) : json_get_span(v, name);
        path += n + (path[n] == '.');
    }
    if (!v)
        return NULL;
    return arena_copy(arena, json_kind(v) == JSON_STRING ? json_string(v) : json_text(arena, v)).p;
}

static void value_check(const struct json *doc, const char *wanted)
{
    const char *mark = strstr(wanted, " = "), *got;

    assert_non_null(mark);
    got = at(doc, arena_copy(arena, (struct span){wanted, (size_t)(mark - wanted)}).p);
    if (!got)
        fail_msg("nothing at %.*s", (int)(mark - wanted), wanted);
    assert_string_equal(got, filled(mark + 3));
}

static void count_check(const struct json *doc, const char *wanted)
{
    const char *got = at(doc, "links.meta.count");

    if (!got)
        fail_msg("the answer is no list");
    if (strcmp(wanted, "many") == 0)
        assert_true(strtol(got, NULL, 10) > 1);
    else
        assert_string_equal(got, wanted);
}

static void prepare(const struct line *l)
{
    const char *why = "";

    if (db_script(db,
                  arena_print(arena, "select t.fresh(); select %s;", is_none(l->given) ? "1" : l->given).p,
                  &why))
        fail_msg("%s: %s", l->given, why);
}

static void holds(void **state)
{
    const struct line *l = *state;
    const char *type = strncmp(l->ask, "P", 1) == 0 ? "Content-Type: application/vnd.api+json\r\n" : "";
    const struct json *doc = NULL;
    struct span answer, headers = span_of(type);

    prepare(l);
    if (!is_none(l->who))
        headers = arena_print(arena, "%sAuthorization: Token %s\r\n", type,
                              desk_text("select token from t.thing where name = '%s'", l->who));
    answer = front_ask(&front, filled(l->ask), arena_copy(arena, headers).p, *type ? "{}" : NULL);
    if (raw_status(answer) != strtol(l->status, NULL, 10))
        fail_msg("status %d, want %s: %.*s", raw_status(answer), l->status, (int)answer.n, answer.p);
    if (!is_none(l->lacks) && raw_has(raw_body(answer), filled(l->lacks)))
        fail_msg("%s is in %.*s", l->lacks, (int)answer.n, answer.p);
    if (is_none(l->count) && is_none(l->value))
        return;
    assert_int_equal(json_parse(arena, raw_body(answer), &doc, NULL), 0);
    if (!is_none(l->count))
        count_check(doc, l->count);
    if (!is_none(l->value))
        value_check(doc, l->value);
}

/* ---- */

/* One file at a time. */
static char *file_read(const char *path)
{
    static char text[1 << 17];
    FILE *f = fopen(source_path(path), "r");
    size_t n;

    if (!f) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    n = fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    text[n] = 0;
    return text;
}

static void line_read(char *text)
{
    const char *column[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++) {
        char *end = strstr(text, " | ");
        column[i] = text;
        if ((end == NULL) != (i == COLUMNS - 1)) {
            (void)fprintf(stderr, "not %d columns: %s\n", COLUMNS, column[0]);
            exit(1);
        }
        if (end)
            *end = 0;
        text = end ? end + 3 : text;
    }
    MUST(lines_n < LINES_MAX);
    lines[lines_n] =
        (struct line){column[0], column[1], column[2], column[3], column[4], column[5], column[6], column[7]};
    tests[lines_n] =
        (struct CMUnitTest){.name = column[0], .test_func = holds, .initial_state = &lines[lines_n]};
    lines_n++;
}

static void lines_read(char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        char *next = text + n + (text[n] == '\n');
        text[n] = 0;
        if (n && *text != '#')
            line_read(text);
        text = next;
    }
}

static int start(void **state)
{
    const char *why = "";

    (void)state;
    desk_migrate();
    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "world", NULL, 0), 0);
    if (db_script(db, file_read("tests/support/api_world.sql"), &why))
        fail_msg("%s", why);
    front_start(&front,
                (struct roster_entry[]){
                    {&accounts_actor, 1, ""}, {&responses_actor, 2, ""}, {&studies_actor, 1, ""}, {0}},
                route_table, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    front_stop(&front);
    db_close(&db);
    return 0;
}

int main(void)
{
    int failed;

    arena = arena_new();
    lines_read((char *)(uintptr_t)arena_copy(arena, span_of(file_read("tests/actors/api_reads.table"))).p);
    failed = _cmocka_run_group_tests("api_reads", tests, lines_n, start, stop);
    arena_free(&arena);
    return failed;
}
