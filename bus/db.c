/* db: statements, transactions, rows. */
#include "db_link.h"

#include <stdlib.h>

#include "clock.h"
#include "errors.h"
#include "log.h"

#define REPLAYS_MAX 3

/* ---- opening and closing ---------------------------------------------------------------------------------
 */

int db_open(struct db **out, const char *conninfo, const char *name,
            const struct statement *const *statements, uint32_t timeout_ms)
{
    struct db *db = calloc(1, sizeof *db);

    MUST(db);
    db->own = arena_new();
    db->conninfo = arena_copy(db->own, span_of(conninfo)).p;
    db->name = arena_copy(db->own, span_of(name)).p;
    db->statements = statements;
    db->timeout_ms = timeout_ms;
    db->arena = db->own;
    int err = db_connection_make(db);

    if (err) {
        log_error("db-refused", "db=%s why=%s", name, db->why);
        db_close(&db);
    }
    *out = db;
    return err;
}

int db_prepare(struct db *db, const struct statement *const *statements)
{
    MUST(!db->statements && !db->is_in_transaction);
    db->statements = statements;
    return db_statements_prepare(db);
}

void db_close(struct db **out)
{
    struct db *db = *out;

    if (!db)
        return;
    db_connection_drop(db);
    arena_free(&db->own);
    free(db);
    *out = NULL;
}

/* ---- statements ------------------------------------------------------------------------------------------
 */

static int begun_take(struct db *db, PGresult **r)
{
    PGresult *begun;
    bool is_begun;

    TRY(db_piped_take(db, &begun));
    is_begun = PQresultStatus(begun) == PGRES_COMMAND_OK;
    PQclear(begun);
    TRY(db_piped_take(db, r));
    TRY(db_piped_end(db));
    return is_begun ? 0 : ERR_AWAY; /* a server that cannot even begin */
}

/* The first statement of a transaction takes its begin along: one round trip for both. */
static int statement_begin(struct db *db, const struct statement *s, const struct db_parameters *p,
                           PGresult **r)
{
    int err;

    db->has_to_begin = false;
    if (!PQenterPipelineMode(db->conn) || !PQsendQueryParams(db->conn, "begin", 0, NULL, NULL, NULL, NULL, 1))
        return db_error_note(db, s, NULL);
    TRY(db_statement_send(db, s, p));
    err = PQpipelineSync(db->conn) ? begun_take(db, r) : ERR_AWAY;
    if (err)
        err = db_error_note(db, s, NULL);
    else if (PQresultStatus(*r) == PGRES_FATAL_ERROR)
        err = db_error_note(db, s, *r);
    if (err) {
        PQclear(*r);
        *r = NULL;
    }
    return err;
}

/* For what cannot take it along. */
static int begin_now(struct db *db)
{
    PGresult *r = NULL;
    int err;

    if (!db->has_to_begin)
        return 0;
    db->has_to_begin = false;
    err = db_simple(db, "begin", &r);
    PQclear(r);
    return err;
}

/* Outside a transaction a statement that collided is replayed here; inside, the whole transaction has to be.
 */
static int statement_run(struct db *db, const struct statement *s, PGresult **r)
{
    struct db_parameters p;
    int err = db_parameters_fill(db, s, &p);

    db->is_collided = false;
    *r = NULL;
    if (err)
        return err;
    db->constraint[0] = 0;
    for (int i = 0;; i++) {
        err = db_connection_ready(db);
        if (!err && db->has_to_begin) {
            err = statement_begin(db, s, &p, r);
        } else if (!err) {
            err = db_statement_send(db, s, &p);
            if (!err)
                err = db_result_all(db, s, r);
        }
        if (!err || !db->is_collided || db->is_in_transaction || i == REPLAYS_MAX)
            return err;
    }
}

/* Hands the rows to the call's arena. */
static int statement_rows(struct db *db, const struct statement *s, const struct db_result **out)
{
    PGresult *r;
    int err = statement_run(db, s, &r);

    if (!err)
        *out = db_result_keep(db, r);
    return err;
}

int db_run(struct db *db, const struct statement *s, int64_t *changed)
{
    PGresult *r;
    int err = statement_run(db, s, &r);

    if (changed)
        *changed = err ? 0 : strtoll(PQcmdTuples(r), NULL, 10);
    PQclear(r);
    return err;
}

int db_maybe(struct db *db, const struct statement *s, struct row *row)
{
    const struct db_result *result;
    int err = statement_rows(db, s, &result);

    *row = (struct row){0};
    if (!err && PQntuples(result->rows) > 0)
        row->result = result;
    return err;
}

int db_one(struct db *db, const struct statement *s, struct row *row)
{
    int err = db_maybe(db, s, row);

    return err ? err : row->result ? 0 : ERR_NOTFOUND;
}

int db_rows(struct db *db, const struct statement *s, struct rows_found *rows)
{
    const struct db_result *result;
    int err = statement_rows(db, s, &result);

    *rows = (struct rows_found){0};
    if (!err)
        *rows = (struct rows_found){result, PQntuples(result->rows)};
    return err;
}

/* ---- many rows -------------------------------------------------------------------------------------------
 */

/* Asks the server to stop and reads away what is still under way. */
static void stream_stop(struct db *db)
{
    int64_t deadline_ms = clock_mono_ms() + DB_GRACE_MS;
    PGcancel *cancel = PQgetCancel(db->conn);
    char words[256];
    PGresult *r;

    if (cancel)
        (void)PQcancel(cancel, words, sizeof words);
    PQfreeCancel(cancel);
    do {
        if (db_result_next(db, deadline_ms, &r)) {
            db_connection_drop(db);
            return;
        }
        PQclear(r);
    } while (r);
}

static int stream_rows(struct db *db, const struct statement *s, int (*fn)(void *ctx, const struct row *row),
                       void *ctx)
{
    struct arena *scratch = arena_new(); /* one row long, so that a million rows take no more than one */
    int64_t deadline_ms = db_deadline_of(db);
    int err = 0;

    for (;;) {
        PGresult *r;

        err = db_result_next(db, deadline_ms, &r);
        if (err)
            err = db_error_note(db, s, NULL);
        if (err || !r)
            break;
        if (PQresultStatus(r) == PGRES_FATAL_ERROR) {
            err = db_error_note(db, s, r);
        } else if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
            struct db_result result = {r, scratch};
            struct row row = {&result, 0};

            err = fn(ctx, &row);
            arena_reset(scratch);
        }
        PQclear(r);
        if (err)
            break;
    }
    arena_free(&scratch);
    return err;
}

int db_each(struct db *db, const struct statement *s, int (*fn)(void *ctx, const struct row *row), void *ctx)
{
    struct db_parameters p;
    int err = db_parameters_fill(db, s, &p);

    if (!err)
        err = db_connection_ready(db);
    if (!err)
        err = begin_now(db);
    if (!err)
        err = db_statement_send(db, s, &p);
    if (err)
        return err;
    MUST(PQsetSingleRowMode(db->conn));
    db->is_streaming = true;
    err = stream_rows(db, s, fn, ctx);
    db->is_streaming = false;
    if (err && db->conn)
        stream_stop(db);
    if (err && db->is_in_transaction && !db->failed)
        db->failed = err;
    return err;
}

/* ---- transactions ----------------------------------------------------------------------------------------
 */

int db_begin(struct db *db)
{
    MUST(!db->is_in_transaction);
    db->bound_n = 0;
    db->failed = 0;
    TRY(db_connection_ready(db));
    db->is_in_transaction = db->has_to_begin = true;
    return 0;
}

/* Ends a transaction of which the server has not heard: true. */
static bool unbegun_end(struct db *db)
{
    if (!db->has_to_begin)
        return false;
    db->has_to_begin = db->is_in_transaction = false;
    return true;
}

int db_commit(struct db *db)
{
    PGresult *r = NULL;

    MUST(db->is_in_transaction);
    if (!db->conn || db->failed) { /* a handler that went on after an error: nothing of it may look done */
        int failed = db->failed ? db->failed : ERR_AWAY;

        db_rollback(db);
        return failed;
    }
    if (unbegun_end(db))
        return 0;
    int err = db_simple(db, "commit", &r);

    PQclear(r);
    db->is_in_transaction = false;
    return err;
}

void db_rollback(struct db *db)
{
    PGresult *r = NULL;

    db->bound_n = 0;
    if (!db->is_in_transaction || unbegun_end(db))
        return;
    if (db->conn && db_simple(db, "rollback", &r) && db->conn)
        db_connection_drop(db);
    PQclear(r);
    db->is_in_transaction = false;
}

int db_script(struct db *db, const char *sql, const char **why)
{
    PGresult *r = NULL;
    int err = db_connection_ready(db);

    if (!err)
        err = begin_now(db);
    if (!err)
        err = db_simple(db, sql, &r);
    PQclear(r);
    if (why)
        *why = db->why;
    return err;
}

/* ---- rows ------------------------------------------------------------------------------------------------
 */

static int column_find(const struct row *row, const char *column)
{
    MUST(row->result && row->index >= 0 && row->index < PQntuples(row->result->rows));
    for (int i = 0; i < PQnfields(row->result->rows); i++)
        if (strcmp(PQfname(row->result->rows, i), column) == 0)
            return i;
    log_error("db-column-missing", "column=%s", column);
    must_fail("an unknown column", __FILE__, __LINE__);
    return -1;
}

struct span db_column(const struct row *row, const char *column, uint32_t *oid, struct arena **a)
{
    int i = column_find(row, column);

    *a = row->result->arena;
    *oid = PQftype(row->result->rows, i);
    if (PQgetisnull(row->result->rows, row->index, i))
        return (struct span){NULL, 0};
    return (struct span){PQgetvalue(row->result->rows, row->index, i),
                         (size_t)PQgetlength(row->result->rows, row->index, i)};
}
