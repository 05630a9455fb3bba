/* NEEDS: database */
/* site: keys that all processes share, links that let people in once. */
#include <stdio.h>
#include <stdlib.h>

#include "crypt.h"
#include "errors.h"
#include "migrate.h"
#include "site.h"
#include "test.h"

static struct db *db;

static int setup(void **state)
{
    char why[MIGRATE_WHY_MAX];

    (void)state;
    crypt_init();
    assert_int_equal(migrate(getenv("DATABASE_URL"), why), 0);
    return site_open(&db, getenv("DATABASE_URL"));
}

static int teardown(void **state)
{
    (void)state;
    db_close(&db);
    return 0;
}

static int64_t number(const char *text)
{
    const struct statement s = {"number", text, NULL, 0, NULL, 0, ROWS_ONE};
    const struct statement *const all[] = {&s, NULL};
    struct db *other;
    struct row row;

    assert_int_equal(db_open(&other, getenv("DATABASE_URL"), "test", all, 5000), 0);
    assert_int_equal(db_one(other, &s, &row), 0);
    int64_t n = row_i64(&row, "n");

    db_close(&other);
    return n;
}

static void a_key_is_made_once_and_then_kept(void **state)
{
    uint8_t first[32], again[32], other[32];

    (void)state;
    assert_int_equal(site_key(db, "form-tokens", first), 0);
    assert_int_equal(site_key(db, "form-tokens", again), 0);
    assert_int_equal(site_key(db, "something-else", other), 0);
    assert_memory_equal(first, again, 32);
    assert_memory_not_equal(first, other, 32);
}

static void a_newer_link_for_the_first_administrator_ends_the_older(void **state)
{
    char first[SITE_LINK_SIZE], second[SITE_LINK_SIZE];
    bool is_open = false;

    (void)state;
    assert_int_equal(site_setup_link(db, &is_open, first), 0);
    assert_true(is_open);
    assert_int_equal(strlen(first), SITE_LINK_SIZE - 1);
    assert_int_equal(site_setup_link(db, &is_open, second), 0);
    assert_string_not_equal(first, second);
    assert_int_equal(number("select count(*) as n from invitation where role = 'administrator'"), 1);
}

static void the_database_does_not_hold_the_link_itself(void **state)
{
    char token[SITE_LINK_SIZE];
    uint8_t digest[32];
    bool is_open;
    char text[200], hex[65];

    (void)state;
    assert_int_equal(site_setup_link(db, &is_open, token), 0);
    crypt_sha256(span_of(token), digest);
    (void)crypt_hex((struct span){(const char *)digest, 32}, hex, sizeof hex);
    (void)snprintf(text, sizeof text, "select count(*) as n from invitation where digest = '\\x%s'", hex);
    assert_int_equal(number(text), 1);
}

static void an_invited_researcher_has_two_weeks(void **state)
{
    char token[SITE_LINK_SIZE];
    int64_t until;

    (void)state;
    assert_int_equal(site_invite(db, "new@example.org", token, &until), 0);
    assert_int_equal(number("select (extract(epoch from max(expires_at) - now()) / 86400)::bigint as n "
                            "from invitation where email = 'new@example.org' and role = 'researcher'"),
                     14);
}

static void there_is_no_demonstration_before_one_is_made(void **state)
{
    bool is_there = true;
    char study[37];

    (void)state;
    assert_int_equal(site_demo(db, &is_there, study), 0);
    assert_false(is_there);
}

static void once_there_is_an_administrator_no_more_link_is_made(void **state)
{
    char token[SITE_LINK_SIZE];
    bool is_open = true;

    (void)state;
    assert_int_equal(db_script(db,
                               "insert into account (username, password, is_superuser, is_active)"
                               " values ('boss@example.org', '!', true, true)",
                               NULL),
                     0);
    assert_int_equal(site_setup_link(db, &is_open, token), 0);
    assert_false(is_open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_made_once_and_then_kept),
        cmocka_unit_test(a_newer_link_for_the_first_administrator_ends_the_older),
        cmocka_unit_test(the_database_does_not_hold_the_link_itself),
        cmocka_unit_test(an_invited_researcher_has_two_weeks),
        cmocka_unit_test(there_is_no_demonstration_before_one_is_made),
        cmocka_unit_test(once_there_is_an_administrator_no_more_link_is_made),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
