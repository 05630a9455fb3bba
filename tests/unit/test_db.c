/* NEEDS: database */
/* db: errors, transactions, streams and recovery of the one door to PostgreSQL. */
#include <stdlib.h>

#include "arena.h"
#include "db.h"
#include "errors.h"
#include "test.h"

/* ---- statements ---------------------------------------------------------------------------------------- */

#define OID_INT8 20
#define OID_TEXT 25
#define OID_FLOAT8 701

static const struct column in_thing[] = {{"id", "bigint", OID_INT8}, {"name", "text", OID_TEXT}};
static const struct statement thing_add = {
    "thing_add", "insert into thing (id, name) values ($1, $2)", in_thing, 2, NULL, 0, ROWS_NONE};
static const struct statement thing_count = {
    "thing_count", "select count(*) as n from thing", NULL, 0, NULL, 0, ROWS_ONE};
static const struct statement thing_rows = {
    "thing_rows", "select id, name from thing order by id", NULL, 0, NULL, 0, ROWS_MANY};
static const struct column in_part[] = {{"thing", "bigint", OID_INT8}};
static const struct statement part_add = {
    "part_add", "insert into part (thing) values ($1)", in_part, 1, NULL, 0, ROWS_NONE};
static const struct statement part_check_late = {
    "part_check_late", "insert into late (thing) values ($1)", in_part, 1, NULL, 0, ROWS_NONE};
static const struct column in_seconds[] = {{"seconds", "float8", OID_FLOAT8}};
static const struct statement nap = {"nap",   "select pg_sleep($1)::text as t", in_seconds, 1, NULL, 0,
                                     ROWS_ONE};
static const struct statement own_pid = {
    "own_pid", "select pg_backend_pid()::bigint as pid", NULL, 0, NULL, 0, ROWS_ONE};
static const struct column in_pid[] = {{"pid", "bigint", OID_INT8}, {"wait_ms", "bigint", OID_INT8}};
static const struct statement kill_pid = {
    "kill_pid", "select pg_terminate_backend($1::int, $2) as done", in_pid, 2, NULL, 0, ROWS_ONE};
static const struct column in_state[] = {{"state", "text", OID_TEXT}};
static const struct statement raise_state = {"raise_state", "select refuse_as($1) as t", in_state, 1, NULL, 0,
                                             ROWS_ONE};
static const struct column in_many[] = {{"n", "bigint", OID_INT8}};
static const struct statement many = {
    "many",   "select g as i, gen_random_uuid() as u from generate_series(1, $1) g", in_many, 1, NULL, 0,
    ROWS_MANY};
static const struct column in_lock[] = {{"id", "bigint", OID_INT8}};
static const struct statement thing_touch = {
    "thing_touch", "update thing set name = name || '+' where id = $1", in_lock, 1, NULL, 0, ROWS_NONE};

static const struct statement *const sql[] = {&thing_add,       &thing_count, &thing_rows,  &part_add,
                                              &part_check_late, &nap,         &own_pid,     &kill_pid,
                                              &raise_state,     &many,        &thing_touch, NULL};

static const char tables[] =
    "drop table if exists late, part, thing;"
    "create table thing (id bigint primary key, name text not null, constraint name_short check "
    "(length(name) < 20));"
    "create table part (thing bigint references thing);"
    "create table late (thing bigint references thing deferrable initially deferred);"
    "create or replace function refuse_as(state text) returns text language plpgsql as"
    " $$ begin raise exception 'No.' using errcode = state, column = 'data'; end $$;";

/* ---- rig ----------------------------------------------------------------------------------------------- */

struct rig {
    struct db *db;
    struct arena *arena;
};

static struct db *connect_with(uint32_t timeout_ms)
{
    struct db *db;

    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "test", sql, timeout_ms), 0);
    return db;
}

static int setup(void **state)
{
    static struct rig rig;
    struct db *db;

    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "tables", NULL, 0), 0);
    assert_int_equal(db_script(db, tables, NULL), 0);
    db_close(&db);
    rig.db = connect_with(5000);
    rig.arena = arena_new();
    db_call(rig.db, rig.arena, NULL, NULL);
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    arena_free(&rig->arena);
    db_close(&rig->db);
    return 0;
}

static int64_t things(struct rig *rig)
{
    struct row row;

    assert_int_equal(db_one(rig->db, &thing_count, &row), 0);
    return row_i64(&row, "n");
}

static int add(struct db *db, int64_t id, const char *name)
{
    db_bind_i64(db, "id", id);
    db_bind_text(db, "name", name ? span_of(name) : (struct span){NULL, 0});
    return db_run(db, &thing_add, NULL);
}

/* ---- errors -------------------------------------------------------------------------------------------- */

static void a_refusal_of_the_server_has_its_error(void **state)
{
    struct rig *rig = *state;
    struct row row;
    static const struct {
        const char *sqlstate;
        int err;
    } table[] = {
        {"40001", ERR_BUSY},     {"40P01", ERR_BUSY},     {"53100", ERR_FULL},     {"57014", ERR_LATE},
        {"23505", ERR_CONFLICT}, {"23P01", ERR_CONFLICT}, {"23502", ERR_INVALID},  {"22P02", ERR_INVALID},
        {"22001", ERR_TOOBIG},   {"54000", ERR_TOOBIG},   {"P0001", ERR_BUG},      {"42703", ERR_BUG},
        {"LK003", ERR_DENIED},   {"LK004", ERR_NOTFOUND}, {"LK008", ERR_CONFLICT}, {"57P03", ERR_AWAY}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        db_bind_text(rig->db, "state", span_of(table[i].sqlstate));
        assert_int_equal(db_one(rig->db, &raise_state, &row), table[i].err);
        assert_non_null(strstr(db_why(rig->db), "raise_state"));
    }
}

static void a_refusal_of_a_function_of_ours_keeps_its_words_and_its_field(void **state)
{
    struct rig *rig = *state;
    struct row row;

    db_bind_text(rig->db, "state", SPAN("LK004"));
    assert_int_equal(db_one(rig->db, &raise_state, &row), ERR_NOTFOUND);
    assert_int_equal(db_refusal(rig->db).err, ERR_NOTFOUND);
    assert_true(span_is(db_refusal(rig->db).text, "No."));
    assert_true(span_is(db_refusal(rig->db).field, "data"));
    db_call(rig->db, rig->arena, NULL, NULL);
    assert_int_equal(db_refusal(rig->db).err, 0);
    db_bind_text(rig->db, "state", SPAN("23502"));
    assert_int_equal(db_one(rig->db, &raise_state, &row), ERR_INVALID);
    assert_int_equal(db_refusal(rig->db).err, 0);
}

static void broken_rules_are_named(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(add(rig->db, 1, "one"), 0);
    assert_int_equal(add(rig->db, 1, "again"), ERR_CONFLICT);
    assert_string_equal(db_constraint(rig->db), "thing_pkey");
    assert_int_equal(add(rig->db, 2, "a name that is far too long"), ERR_INVALID);
    assert_string_equal(db_constraint(rig->db), "name_short");
    assert_null(strstr(db_why(rig->db), "far too long"));
    assert_int_equal(add(rig->db, 2, NULL), ERR_INVALID);
    db_bind_i64(rig->db, "thing", 99);
    assert_int_equal(db_run(rig->db, &part_add, NULL), ERR_INVALID);
    assert_int_equal(things(rig), 1);
}

static void no_row_is_not_found_or_maybe_nothing(void **state)
{
    struct rig *rig = *state;
    struct row row;
    struct rows_found rows;

    assert_int_equal(db_one(rig->db, &thing_rows, &row), ERR_NOTFOUND);
    assert_int_equal(db_maybe(rig->db, &thing_rows, &row), 0);
    assert_null(row.result);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    assert_int_equal(add(rig->db, 2, "two"), 0);
    assert_int_equal(db_rows(rig->db, &thing_rows, &rows), 0);
    assert_int_equal(rows.n, 2);
    row = rows_at(rows, 1);
    assert_span(row_text(&row, "name"), "two");
}

static void a_slow_statement_is_late(void **state)
{
    struct rig *rig = *state;
    struct db *db = connect_with(50);
    struct row row;

    db_bind_text(db, "seconds", SPAN("60"));
    assert_int_equal(db_one(db, &nap, &row), ERR_LATE);
    db_bind_text(db, "seconds", SPAN("0"));
    assert_int_equal(db_one(db, &nap, &row), 0);
    db_close(&db);
    (void)rig;
}

/* ---- transactions -------------------------------------------------------------------------------------- */

static void a_transaction_is_whole_or_not_at_all(void **state)
{
    struct rig *rig = *state;
    int64_t changed = 0;

    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    db_rollback(rig->db);
    assert_int_equal(things(rig), 0);
    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    db_bind_i64(rig->db, "id", 1);
    assert_int_equal(db_run(rig->db, &thing_touch, &changed), 0);
    assert_int_equal(changed, 1);
    assert_int_equal(db_commit(rig->db), 0);
    assert_int_equal(things(rig), 1);
    db_rollback(rig->db); /* harmless */
}

static void a_commit_after_an_ignored_error_says_that_error(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    assert_int_equal(add(rig->db, 1, "twice"), ERR_CONFLICT);
    assert_int_equal(db_commit(rig->db), ERR_CONFLICT);
    assert_int_equal(things(rig), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
}

static void a_rule_that_is_checked_at_commit_fails_the_commit(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    db_bind_i64(rig->db, "thing", 99);
    assert_int_equal(db_run(rig->db, &part_check_late, NULL), 0);
    assert_int_equal(db_commit(rig->db), ERR_INVALID);
    assert_int_equal(things(rig), 0);
}

static void a_collision_inside_a_transaction_is_for_the_frame_to_replay(void **state)
{
    struct rig *rig = *state;
    struct row row;

    assert_int_equal(db_begin(rig->db), 0);
    db_bind_text(rig->db, "state", SPAN("40001"));
    assert_int_equal(db_one(rig->db, &raise_state, &row), ERR_BUSY);
    assert_true(db_is_collided(rig->db));
    db_rollback(rig->db);
    db_bind_text(rig->db, "state", SPAN("55P03"));
    assert_int_equal(db_one(rig->db, &raise_state, &row), ERR_BUSY);
    assert_false(db_is_collided(rig->db));
}

/* ---- recovery ------------------------------------------------------------------------------------------ */

static int64_t pid_of(struct db *db)
{
    struct row row;

    assert_int_equal(db_one(db, &own_pid, &row), 0);
    return row_i64(&row, "pid");
}

/* The server has ended it when this returns; with wait_ms 0 it has only been told to. */
static void kill_backend(int64_t pid, int64_t wait_ms)
{
    struct db *killer = connect_with(10000);
    struct row row;

    db_bind_i64(killer, "pid", pid);
    db_bind_i64(killer, "wait_ms", wait_ms);
    assert_int_equal(db_one(killer, &kill_pid, &row), 0);
    assert_true(row_bool(&row, "done"));
    db_close(&killer);
}

static void an_idle_connection_that_was_cut_is_remade_unseen(void **state)
{
    struct rig *rig = *state;
    int64_t before = pid_of(rig->db);

    kill_backend(before, 5000);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    assert_true(pid_of(rig->db) != before);
    assert_int_equal(things(rig), 1);
}

static void a_connection_cut_inside_a_transaction_is_away_until_rollback(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    kill_backend(pid_of(rig->db), 5000);
    assert_int_equal(add(rig->db, 2, "two"), ERR_AWAY);
    assert_int_equal(add(rig->db, 3, "three"), ERR_AWAY);
    assert_int_equal(db_commit(rig->db), ERR_AWAY);
    assert_int_equal(things(rig), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
}

struct cut {
    int64_t pid;
    int rows;
};

static int cut_at_third(void *ctx, const struct row *row)
{
    struct cut *cut = ctx;

    (void)row;
    if (++cut->rows == 3)
        kill_backend(cut->pid, 0); /* it may be waiting for us to read, so we do not wait for it */
    return 0;
}

static void a_stream_that_is_cut_is_away_and_then_recovers(void **state)
{
    struct rig *rig = *state;
    struct cut cut = {pid_of(rig->db), 0};

    db_bind_i64(rig->db, "n", 3000000);
    assert_int_equal(db_each(rig->db, &many, cut_at_third, &cut), ERR_AWAY);
    assert_true(cut.rows >= 3 && cut.rows < 3000000);
    assert_int_equal(things(rig), 0);
}

static void a_statement_that_a_migration_made_stale_is_prepared_again(void **state)
{
    struct rig *rig = *state;
    struct rows_found rows;

    assert_int_equal(db_rows(rig->db, &thing_rows, &rows), 0);
    assert_int_equal(db_script(rig->db, "alter table thing alter name type varchar(30)", NULL), 0);
    assert_int_equal(db_rows(rig->db, &thing_rows, &rows), ERR_AWAY);
    assert_int_equal(db_rows(rig->db, &thing_rows, &rows), 0);
}

static void a_server_that_is_not_there_is_away(void **state)
{
    struct db *db;

    (void)state;
    assert_int_equal(db_open(&db, "host=/nonexistent dbname=nothing", "test", sql, 1000), ERR_AWAY);
    assert_null(db);
}

static void a_statement_that_the_server_refuses_stops_the_start(void **state)
{
    static const struct statement broken = {"broken", "select nothing from nowhere", NULL, 0, NULL, 0,
                                            ROWS_ONE};
    static const struct statement *const list[] = {&thing_count, &broken, &thing_rows, NULL};
    struct db *db;

    (void)state;
    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "test", list, 1000), ERR_BUG);
    assert_null(db);
}

/* ---- streams and scripts ------------------------------------------------------------------------------- */

struct sum {
    int64_t n, sum, stop_at;
};

static int add_up(void *ctx, const struct row *row)
{
    struct sum *sum = ctx;

    sum->n++;
    sum->sum += row_i64(row, "i");
    assert_int_equal(row_text(row, "u").n, 36);
    return sum->n == sum->stop_at ? ERR_TOOBIG : 0;
}

static void a_stream_gives_every_row_once(void **state)
{
    struct rig *rig = *state;
    struct sum sum = {0};

    db_bind_i64(rig->db, "n", 20000);
    assert_int_equal(db_each(rig->db, &many, add_up, &sum), 0);
    assert_int_equal(sum.n, 20000);
    assert_int_equal(sum.sum, INT64_C(20000) * 20001 / 2);
}

static void a_stream_stops_at_the_reader_s_error_and_the_connection_lives(void **state)
{
    struct rig *rig = *state;
    struct sum sum = {.stop_at = 5};
    int64_t pid = pid_of(rig->db);

    db_bind_i64(rig->db, "n", 3000000);
    assert_int_equal(db_each(rig->db, &many, add_up, &sum), ERR_TOOBIG);
    assert_int_equal(sum.n, 5);
    assert_true(pid_of(rig->db) == pid);
}

static void short_statements_are_not_compiled(void **state)
{
    struct rig *rig = *state;
    const char *why;

    assert_int_equal(db_script(rig->db, "do $$ begin assert current_setting('jit') = 'off'; end $$", &why),
                     0);
}

static int count_rows(void *ctx, const struct row *row)
{
    (void)row;
    ++*(int *)ctx;
    return 0;
}

/* The server hears of a transaction with its first statement, whatever kind that is. */
static void every_kind_of_first_statement_is_inside_its_transaction(void **state)
{
    struct rig *rig = *state;
    int n = 0;

    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(db_commit(rig->db), 0); /* nothing was said */
    assert_int_equal(db_begin(rig->db), 0);
    db_rollback(rig->db);
    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 1, "one"), 0);
    db_rollback(rig->db);
    assert_int_equal(things(rig), 0);
    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(db_each(rig->db, &thing_rows, count_rows, &n), 0);
    assert_int_equal(add(rig->db, 2, "two"), 0);
    db_rollback(rig->db);
    assert_int_equal(things(rig), 0);
    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(db_script(rig->db, "insert into thing values (3, 'three')", NULL), 0);
    db_rollback(rig->db);
    assert_int_equal(things(rig), 0);
    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 4, NULL), ERR_INVALID); /* its first word is refused */
    assert_int_equal(db_commit(rig->db), ERR_INVALID);
    assert_int_equal(db_begin(rig->db), 0);
    assert_int_equal(add(rig->db, 5, "five"), 0);
    assert_int_equal(db_commit(rig->db), 0);
    assert_int_equal(things(rig), 1);
}

static void a_script_runs_whole_or_says_why(void **state)
{
    struct rig *rig = *state;
    const char *why;

    assert_int_equal(
        db_script(rig->db, "insert into thing values (1, 'one'); insert into thing values (1, 'two')", &why),
        ERR_CONFLICT);
    assert_non_null(strstr(why, "thing_pkey"));
    assert_int_equal(things(rig), 0);
    assert_int_equal(
        db_script(rig->db, "insert into thing values (1, 'one'); insert into thing values (2, 'two')", &why),
        0);
    assert_int_equal(things(rig), 2);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest claims[] = {
        CLAIM(a_refusal_of_the_server_has_its_error),
        CLAIM(a_refusal_of_a_function_of_ours_keeps_its_words_and_its_field),
        CLAIM(broken_rules_are_named),
        CLAIM(no_row_is_not_found_or_maybe_nothing),
        CLAIM(a_slow_statement_is_late),
        CLAIM(a_transaction_is_whole_or_not_at_all),
        CLAIM(a_commit_after_an_ignored_error_says_that_error),
        CLAIM(a_rule_that_is_checked_at_commit_fails_the_commit),
        CLAIM(a_collision_inside_a_transaction_is_for_the_frame_to_replay),
        CLAIM(an_idle_connection_that_was_cut_is_remade_unseen),
        CLAIM(a_connection_cut_inside_a_transaction_is_away_until_rollback),
        CLAIM(a_stream_that_is_cut_is_away_and_then_recovers),
        CLAIM(a_statement_that_a_migration_made_stale_is_prepared_again),
        CLAIM(a_server_that_is_not_there_is_away),
        CLAIM(a_statement_that_the_server_refuses_stops_the_start),
        CLAIM(a_stream_gives_every_row_once),
        CLAIM(a_stream_stops_at_the_reader_s_error_and_the_connection_lives),
        CLAIM(short_statements_are_not_compiled),
        CLAIM(every_kind_of_first_statement_is_inside_its_transaction),
        CLAIM(a_script_runs_whole_or_says_why),
    };

    return cmocka_run_group_tests(claims, NULL, NULL);
}
