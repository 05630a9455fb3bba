/* NEEDS: database */
/* The data model, held to its specification by the claims in tests/unit/sql/.
 *
 * A claim begins with a line "-- claim: name" and runs to the next; "-- refused: what" below it means that it
 * must fail, and names the constraint or SQLSTATE. Each runs in a transaction of its own, rolled back.
 * support.sql comes first and stays. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "errors.h"
#include "migrate.h"
#include "test.h"

#define CLAIMS_MAX 400

struct claim {
    char name[160];
    char refused[80]; /* "" when it must run */
    char *sql;
};

static struct claim claims[CLAIMS_MAX];
static struct CMUnitTest tests[CLAIMS_MAX];
static size_t claims_n;
static struct arena *arena;
static struct db *db;

static char *file_read(const char *name)
{
    char path[300];
    static char text[1 << 20];

    (void)snprintf(path, sizeof path, "tests/unit/sql/%s", name);
    FILE *f = fopen(source_path(path), "r");

    if (!f) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    size_t n = fread(text, 1, sizeof text - 1, f);

    (void)fclose(f);
    text[n] = 0;
    return text;
}

/* What follows "-- word: " up to the end of the line, when at stands there. */
static void line_value(const char *at, const char *word, char *out, size_t room)
{
    int n = (int)strcspn(at, "\n") - (int)strlen(word);

    out[0] = 0;
    if (n > 0 && strncmp(at, word, strlen(word)) == 0)
        (void)snprintf(out, room, "%.*s", n, at + strlen(word));
}

static void holds(void **state)
{
    const struct claim *claim = *state;
    const char *why = "";

    assert_int_equal(db_begin(db), 0);
    int err = db_script(db, claim->sql, &why);

    db_rollback(db);
    if (!claim->refused[0] && err)
        fail_msg("%s", why);
    if (claim->refused[0] && !err)
        fail_msg("nobody refused");
    if (claim->refused[0] && strcmp(db_constraint(db), claim->refused) != 0 && !strstr(why, claim->refused))
        fail_msg("refused, but not by %s: %s", claim->refused, why);
}

static void claims_load(const char *file)
{
    char *text = file_read(file);

    for (char *at = strstr(text, "-- claim: "); at;) {
        char *next = strstr(at + 1, "-- claim: ");
        struct claim *claim = &claims[claims_n];
        char name[120];

        assert_true(claims_n < CLAIMS_MAX);
        line_value(at, "-- claim: ", name, sizeof name);
        line_value(at + strcspn(at, "\n") + 1, "-- refused: ", claim->refused, sizeof claim->refused);
        (void)snprintf(claim->name, sizeof claim->name, "%.*s: %s", (int)strcspn(file, "."), file, name);
        claim->sql =
            (char *)(uintptr_t)arena_copy(arena, (struct span){at, next ? (size_t)(next - at) : strlen(at)})
                .p;
        tests[claims_n] = (struct CMUnitTest){claim->name, holds, NULL, NULL, claim};
        claims_n++;
        at = next;
    }
}

static int setup(void **state)
{
    char why[MIGRATE_WHY_MAX] = "";
    const char *script_why = "";

    (void)state;
    if (migrate(getenv("DATABASE_URL"), why) || db_open(&db, getenv("DATABASE_URL"), "test", NULL, 0) ||
        db_script(db, file_read("support.sql"), &script_why)) {
        (void)fprintf(stderr, "%s %s\n", why, script_why);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_close(&db);
    arena_free(&arena);
    return 0;
}

int main(void)
{
    static const char *const files[] = {"functions.sql", "constraints.sql",  "rights.sql",
                                        "deletes.sql",   "consequences.sql", "eligibility.sql",
                                        "ledger.sql",    "api.sql",          NULL};

    arena = arena_new();
    for (const char *const *file = files; *file; file++)
        claims_load(*file);
    return _cmocka_run_group_tests("model", tests, claims_n, setup, teardown);
}
