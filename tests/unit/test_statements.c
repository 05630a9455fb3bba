/* NEEDS: database */
/* Every statement of every actor, prepared on a freshly migrated database and compared with what its first
 * line declares. */
#include <stdio.h>
#include <stdlib.h>

#include "db.h"
#include "errors.h"
#include "migrate.h"
#include "test.h"

#include "every_sql.h"

static const struct column out_wrong_type[] = {{"n", "bigint", 20}};
static const struct statement wrong_type = {"wrong_type", "select 1 as n", NULL, 0, out_wrong_type, 1,
                                            ROWS_ONE};
static const struct statement wrong_name = {"wrong_name", "select 1::bigint as m", NULL, 0, out_wrong_type, 1,
                                            ROWS_ONE};
static const struct statement wrong_count = {
    "wrong_count", "select 1::bigint as n, 2 as m", NULL, 0, out_wrong_type, 1, ROWS_ONE};
static const struct statement right = {"right", "select 1::bigint as n", NULL, 0, out_wrong_type, 1,
                                       ROWS_ONE};
static const struct statement *const wrongs[] = {&wrong_type, &wrong_name, &wrong_count, &right, NULL};

static int setup(void **state)
{
    static char why[MIGRATE_WHY_MAX];

    (void)state;
    if (migrate(getenv("DATABASE_URL"), why)) {
        (void)fprintf(stderr, "%s\n", why);
        return -1;
    }
    return 0;
}

static void every_statement_gives_what_it_declares(void **state)
{
    size_t n = 0, wrong = 0;

    (void)state;
    for (size_t i = 0; every_sql[i].actor; i++) {
        struct db *db;

        /* Opening prepares them all; the log names the one that cannot be. */
        assert_int_equal(db_open(&db, getenv("DATABASE_URL"), every_sql[i].actor, every_sql[i].sql, 10000),
                         0);
        for (const struct statement *const *s = every_sql[i].sql; *s; s++, n++)
            if (db_check(db, *s)) {
                (void)fprintf(stderr, "%s/sql/%s\n", every_sql[i].actor, db_why(db));
                wrong++;
            }
        db_close(&db);
    }
    assert_int_equal(wrong, 0);
    assert_true(n >= 3);
    (void)fprintf(stderr, "%zu statements\n", n);
}

static void a_statement_name_is_used_once_in_the_house(void **state)
{
    (void)state;
    for (size_t i = 0; every_sql[i].actor; i++)
        for (const struct statement *const *s = every_sql[i].sql; *s; s++)
            for (size_t j = i + 1; every_sql[j].actor; j++)
                for (const struct statement *const *t = every_sql[j].sql; *t; t++)
                    if (strcmp((*s)->name, (*t)->name) == 0)
                        fail_msg("%s is in %s and in %s", (*s)->name, every_sql[i].actor, every_sql[j].actor);
}

static void a_wrong_declaration_is_noticed(void **state)
{
    struct db *db;

    (void)state;
    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "test", wrongs, 10000), 0);
    assert_int_equal(db_check(db, &wrong_type), ERR_CONFLICT);
    assert_non_null(strstr(db_why(db), "bigint"));
    assert_int_equal(db_check(db, &wrong_name), ERR_CONFLICT);
    assert_int_equal(db_check(db, &wrong_count), ERR_CONFLICT);
    assert_int_equal(db_check(db, &right), 0);
    db_close(&db);
}

int main(void)
{
    const struct CMUnitTest claims[] = {
        cmocka_unit_test(every_statement_gives_what_it_declares),
        cmocka_unit_test(a_statement_name_is_used_once_in_the_house),
        cmocka_unit_test(a_wrong_declaration_is_noticed),
    };

    return cmocka_run_group_tests(claims, setup, NULL);
}
