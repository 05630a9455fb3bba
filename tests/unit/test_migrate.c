/* NEEDS: database */
/* migrate: from nothing, again, changed, newer, broken, and two at once. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "errors.h"
#include "migrate.h"
#include "test.h"

static const struct statement count_things = {
    "count_things", "select count(*) as n from information_schema.tables where table_name like 'thing%'",
    NULL,           0,
    NULL,           0,
    ROWS_ONE};
static const struct statement count_migrations = {
    "count_migrations", "select count(*) as n from migration", NULL, 0, NULL, 0, ROWS_ONE};
static const struct statement *const sql[] = {&count_things, &count_migrations, NULL};

#define LEDGER                                            \
    {                                                     \
        "0000_ledger.sql", ledger, sizeof ledger - 1, "0" \
    }
static const char ledger[] =
    "select pg_advisory_lock(7310193742);"
    "create table if not exists migration (name text primary key, sha256 text not null,"
    " applied_at timestamptz not null default now(), version text not null)";
static const struct embedded one[] = {LEDGER, {"0001_a.sql", "create table thing1 (id int)", 28, "aa"}, {0}};
static const struct embedded two[] = {LEDGER,
                                      {"0001_a.sql", "create table thing1 (id int)", 28, "aa"},
                                      {"0002_b.sql", "create table thing2 (id int)", 28, "bb"},
                                      {0}};
static const struct embedded changed[] = {
    LEDGER, {"0001_a.sql", "create table thing1 (id int)", 28, "ab"}, {0}};
static const struct embedded broken[] = {
    LEDGER,
    {"0001_a.sql", "create table thing1 (id int)", 28, "aa"},
    {"0002_b.sql", "create table thing2 (id int); create table thing1 (id int)", 58, "cc"},
    {0}};

static char conninfo[512];
static char why[MIGRATE_WHY_MAX];

/* Each claim has a database of its own. */
static int setup(void **state)
{
    static int n;
    char text[80];
    struct db *db;

    (void)state;
    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "test", NULL, 0), 0);
    (void)snprintf(text, sizeof text, "create database fresh%d template template0", ++n);
    assert_int_equal(db_script(db, text, NULL), 0);
    db_close(&db);
    (void)snprintf(conninfo, sizeof conninfo, "%s dbname=fresh%d", getenv("DATABASE_URL"), n);
    why[0] = 0;
    return 0;
}

static int run(const struct embedded *files)
{
    struct db *db;

    assert_int_equal(db_open(&db, conninfo, "migrate", NULL, 0), 0);
    int err = migrate_run(db, files, why);

    db_close(&db);
    return err;
}

static int64_t count(const struct statement *s)
{
    struct db *db;
    struct row row;

    assert_int_equal(db_open(&db, conninfo, "test", sql, 5000), 0);
    assert_int_equal(db_one(db, s, &row), 0);
    int64_t n = row_i64(&row, "n");

    db_close(&db);
    return n;
}

static void a_fresh_database_gets_all_and_a_second_start_nothing(void **state)
{
    (void)state;
    assert_int_equal(run(one), 0);
    assert_int_equal(count(&count_things), 1);
    assert_int_equal(run(two), 0);
    assert_int_equal(run(two), 0);
    assert_int_equal(count(&count_things), 2);
    assert_int_equal(count(&count_migrations), 2);
}

static void a_newer_database_is_refused_by_name(void **state)
{
    (void)state;
    assert_int_equal(run(two), 0);
    assert_int_equal(run(one), ERR_CONFLICT);
    assert_non_null(strstr(why, "0002_b.sql"));
    assert_int_equal(count(&count_migrations), 2);
}

static void a_changed_migration_is_refused_by_name(void **state)
{
    (void)state;
    assert_int_equal(run(one), 0);
    assert_int_equal(run(changed), ERR_CONFLICT);
    assert_non_null(strstr(why, "0001_a.sql"));
}

static void a_failing_migration_leaves_no_trace_and_what_came_before_stays(void **state)
{
    (void)state;
    assert_int_equal(run(broken), ERR_BUG);
    assert_non_null(strstr(why, "0002_b.sql"));
    assert_int_equal(count(&count_things), 1);
    assert_int_equal(count(&count_migrations), 1);
    assert_int_equal(run(two), 0);
}

static void *starter(void *ctx)
{
    char own_why[MIGRATE_WHY_MAX];

    *(int *)ctx = migrate(conninfo, own_why);
    return NULL;
}

static void two_starters_at_once_do_it_once(void **state)
{
    pthread_t threads[3];
    int errs[3] = {-1, -1, -1};

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, starter, &errs[i]), 0);
    for (int i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(errs[i], 0);
}

static void a_server_that_is_not_there_is_away(void **state)
{
    (void)state;
    assert_int_equal(migrate("host=/nonexistent dbname=x", why), ERR_AWAY);
    assert_true(why[0]);
}

#define CLAIM(name) cmocka_unit_test_setup(name, setup)
int main(void)
{
    const struct CMUnitTest claims[] = {
        CLAIM(a_fresh_database_gets_all_and_a_second_start_nothing),
        CLAIM(a_newer_database_is_refused_by_name),
        CLAIM(a_changed_migration_is_refused_by_name),
        CLAIM(a_failing_migration_leaves_no_trace_and_what_came_before_stays),
        CLAIM(two_starters_at_once_do_it_once),
        CLAIM(a_server_that_is_not_there_is_away),
    };

    return cmocka_run_group_tests(claims, NULL, NULL);
}
