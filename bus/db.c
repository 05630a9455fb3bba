/* db: one connection, its prepared statements, transactions, results. The only file that knows libpq.
 *
 * Statements run through the asynchronous calls with a deadline of our own beside the server's
 * statement_timeout, so a server that hangs costs a bounded wait and the connection, never the thread. */
#include "db_private.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "errors.h"
#include "log.h"

#define REPLAYS_MAX 3
#define GRACE_MS 3000 /* beyond statement_timeout: then the server is taken for dead */
#define CONNECT_SECONDS "5"

struct db_result {
    PGresult *rows;
    struct arena *arena;
};

/* ---- errors ----------------------------------------------------------------------------------------------
 */

void db_why_set(struct db *db, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(db->why, sizeof db->why, fmt, args);
    va_end(args);
    size_t n = strlen(db->why);

    while (n && db->why[n - 1] == '\n')
        db->why[--n] = 0;
}

static void connection_drop(struct db *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
}

/* Notes what the server said and gives the ERR_*. A prepared statement that is gone or stale (DISCARD ALL, a
 * column's type changed by a migration) is cured by a new connection. */
static int error_note(struct db *db, const struct statement *s, const PGresult *r)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *constraint = r ? PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME) : NULL;
    const char *text = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *name = s ? s->name : "-";
    const char *place = r ? PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION) : NULL;
    bool is_stale = place && strcmp(place, "RevalidateCachedQuery") == 0;
    int err = is_stale ? ERR_AWAY : db_error_of_state(state);

    (void)snprintf(db->constraint, sizeof db->constraint, "%s", constraint ? constraint : "");
    db->is_collided = state && (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0);
    if (!state)
        db_why_set(db, "%s: %s", name, db->conn ? PQerrorMessage(db->conn) : "no connection");
    else if (strncmp(state, "22", 2) == 0) /* its text repeats the value, which may be personal */
        db_why_set(db, "%s: SQLSTATE %s", name, state);
    else
        db_why_set(db, "%s: SQLSTATE %s: %s", name, state, text ? text : "");
    if (err == ERR_BUG)
        log_error("db-bug", "db=%s statement=%s sqlstate=%s why=%s", db->name, name, state, text ? text : "");
    if (db->is_in_transaction && !db->failed)
        db->failed = err;
    if (err == ERR_AWAY && db->conn) {
        log_warn("db-lost", "db=%s statement=%s sqlstate=%s", db->name, name, state ? state : "-");
        connection_drop(db);
    }
    return err;
}

const char *db_why(const struct db *db)
{
    return db->why;
}

const char *db_constraint(const struct db *db)
{
    return db->constraint;
}

bool db_is_collided(const struct db *db)
{
    return db->is_collided;
}

/* ---- waiting ---------------------------------------------------------------------------------------------
 */

/* Until a result can be taken without blocking. 0 or ERR_AWAY. */
static int result_wait(struct db *db, int64_t deadline_ms)
{
    for (;;) {
        int unsent = PQflush(db->conn);

        if (unsent < 0)
            return ERR_AWAY;
        if (!unsent && !PQisBusy(db->conn))
            return 0;
        struct pollfd p = {PQsocket(db->conn), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0};
        int64_t left = deadline_ms ? deadline_ms - clock_mono_ms() : INT32_MAX;

        if (left <= 0) {
            log_error("db-hangs", "db=%s", db->name);
            return ERR_AWAY;
        }
        int n = poll(&p, 1, (int)(left < INT32_MAX ? left : INT32_MAX));

        if (n > 0 && (p.revents & ~POLLOUT) && !PQconsumeInput(db->conn))
            return ERR_AWAY;
    }
}

static int64_t deadline_of(const struct db *db)
{
    return db->timeout_ms ? clock_mono_ms() + db->timeout_ms + GRACE_MS : 0;
}

/* The next result, or NULL at the end. ERR_AWAY when the connection broke or the server hangs. */
static int result_next(struct db *db, int64_t deadline_ms, PGresult **r)
{
    *r = NULL;
    if (result_wait(db, deadline_ms))
        return ERR_AWAY;
    *r = PQgetResult(db->conn);
    return 0;
}

/* Takes all results of a command; keeps the first error, else the last result. */
static int result_all(struct db *db, const struct statement *s, PGresult **kept)
{
    int64_t deadline_ms = deadline_of(db);
    PGresult *r;

    *kept = NULL;
    while (!result_next(db, deadline_ms, &r)) {
        if (r && PQresultStatus(*kept) == PGRES_FATAL_ERROR && *kept) {
            PQclear(r);
        } else if (r) {
            PQclear(*kept);
            *kept = r;
        } else if (*kept && PQresultStatus(*kept) != PGRES_FATAL_ERROR) {
            return 0;
        } else {
            break;
        }
    }
    int err = error_note(db, s, *kept);

    PQclear(*kept);
    *kept = NULL;
    return err;
}

/* Plain text, several statements allowed, no parameters. */
static int script(struct db *db, const char *sql, PGresult **r)
{
    if (!PQsendQuery(db->conn, sql))
        return error_note(db, NULL, NULL);
    return result_all(db, NULL, r);
}

/* ---- connection ------------------------------------------------------------------------------------------
 */

static void notice_drop(void *ctx, const PGresult *r)
{
    (void)ctx; /* chatter such as "relation exists, skipping"; errors come as results */
    (void)r;
}

/* All in one round trip. */
static int statements_prepare(struct db *db)
{
    int64_t deadline_ms = deadline_of(db);
    int err = 0;

    if (!db->statements || !*db->statements)
        return 0;
    if (!PQenterPipelineMode(db->conn))
        return ERR_AWAY;
    for (const struct statement *const *s = db->statements; *s; s++) {
        Oid types[DB_PARAMETERS_MAX];

        MUST((*s)->in_n <= DB_PARAMETERS_MAX);
        for (size_t i = 0; i < (*s)->in_n; i++)
            types[i] = (*s)->in[i].oid;
        if (!PQsendPrepare(db->conn, (*s)->name, (*s)->text, (int)(*s)->in_n, types))
            return ERR_AWAY;
    }
    if (!PQpipelineSync(db->conn))
        return ERR_AWAY;
    for (const struct statement *const *s = db->statements; *s;) {
        PGresult *r;

        if (result_next(db, deadline_ms, &r))
            return ERR_AWAY;
        if (!r) { /* end of this statement's results */
            s++;
            continue;
        }
        if (PQresultStatus(r) == PGRES_FATAL_ERROR && !err)
            err = error_note(db, *s, r);
        PQclear(r);
        if (!db->conn)
            return err;
    }
    PGresult *sync;

    if (result_next(db, deadline_ms, &sync))
        return ERR_AWAY;
    PQclear(sync);
    return PQexitPipelineMode(db->conn) ? err : ERR_AWAY;
}

static int session_set(struct db *db)
{
    char sql[400];
    PGresult *r = NULL;

    /* A transaction that its thread forgot must not hold locks for ever. Compiling our short statements costs
     * more than it gains: 200 times as long for the rows of twenty sessions. */
    (void)snprintf(
        sql, sizeof sql,
        "set statement_timeout = %u; set idle_in_transaction_session_timeout = %u; set timezone = 'UTC';"
        " set client_min_messages = warning; set extra_float_digits = 1; set jit = off",
        (unsigned)db->timeout_ms, db->timeout_ms ? 60000u : 0u);
    int err = script(db, sql, &r);

    PQclear(r);
    return err;
}

static int connection_make(struct db *db)
{
    char application[64];
    const char *keys[] = {"dbname",
                          "application_name",
                          "connect_timeout",
                          "client_encoding",
                          "keepalives_idle",
                          "tcp_user_timeout",
                          NULL};
    const char *values[] = {db->conninfo, application, CONNECT_SECONDS, "UTF8", "30", "30000", NULL};

    connection_drop(db);
    (void)snprintf(application, sizeof application, "lookit/%s", db->name);
    db->conn = PQconnectdbParams(keys, values, 1);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        db_why_set(db, "%s", PQerrorMessage(db->conn));
        log_warn("db-away", "db=%s", db->name);
        connection_drop(db);
        return ERR_AWAY;
    }
    (void)PQsetNoticeReceiver(db->conn, notice_drop, NULL);
    (void)PQsetnonblocking(db->conn, 1);
    int err = session_set(db);

    if (!err)
        err = statements_prepare(db);
    if (err)
        connection_drop(db);
    return err;
}

/* An idle connection that has something to read is ending, or holds a notice. Seen before we send, it can
 * still be remade without anybody noticing. */
static bool connection_is_fit(struct db *db)
{
    struct pollfd p = {0};

    if (!db->conn || PQstatus(db->conn) != CONNECTION_OK)
        return false;
    for (int i = 0; i < 8; i++) {
        p = (struct pollfd){PQsocket(db->conn), POLLIN, 0};
        if (poll(&p, 1, 0) == 0)
            return true;
        if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK)
            return false;
    }
    return true;
}

static int connection_ready(struct db *db)
{
    MUST(!db->is_streaming); /* db_each: its connection is taken until the last row */
    if (db->is_in_transaction)
        return db->conn ? 0 : ERR_AWAY;
    return connection_is_fit(db) ? 0 : connection_make(db);
}

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
    int err = connection_make(db);

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
    return statements_prepare(db);
}

void db_close(struct db **out)
{
    struct db *db = *out;

    if (!db)
        return;
    connection_drop(db);
    arena_free(&db->own);
    free(db);
    *out = NULL;
}

/* ---- statements ------------------------------------------------------------------------------------------
 */

static int statement_send(struct db *db, const struct statement *s, const struct db_parameters *p)
{
    return PQsendQueryPrepared(db->conn, s->name, (int)s->in_n, p->p, p->n, p->format, 1)
               ? 0
               : error_note(db, s, NULL);
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
        err = connection_ready(db);
        if (!err)
            err = statement_send(db, s, &p);
        if (!err)
            err = result_all(db, s, r);
        if (!err || !db->is_collided || db->is_in_transaction || i == REPLAYS_MAX)
            return err;
    }
}

static void result_release(void *what)
{
    PQclear(what);
}

/* Hands the rows to the call's arena. */
static int statement_rows(struct db *db, const struct statement *s, const struct db_result **out)
{
    PGresult *r;
    int err = statement_run(db, s, &r);

    if (err)
        return err;
    arena_defer(db->arena, result_release, r);
    struct db_result *result = arena_get(db->arena, sizeof *result);

    *result = (struct db_result){r, db->arena};
    *out = result;
    return 0;
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
    int64_t deadline_ms = clock_mono_ms() + GRACE_MS;
    PGcancel *cancel = PQgetCancel(db->conn);
    char words[256];
    PGresult *r;

    if (cancel)
        (void)PQcancel(cancel, words, sizeof words);
    PQfreeCancel(cancel);
    do {
        if (result_next(db, deadline_ms, &r)) {
            connection_drop(db);
            return;
        }
        PQclear(r);
    } while (r);
}

static int stream_rows(struct db *db, const struct statement *s, int (*fn)(void *ctx, const struct row *row),
                       void *ctx)
{
    struct arena *scratch = arena_new(); /* one row long, so that a million rows take no more than one */
    int64_t deadline_ms = deadline_of(db);
    int err = 0;

    for (;;) {
        PGresult *r;

        err = result_next(db, deadline_ms, &r);
        if (err)
            err = error_note(db, s, NULL);
        if (err || !r)
            break;
        if (PQresultStatus(r) == PGRES_FATAL_ERROR) {
            err = error_note(db, s, r);
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
        err = connection_ready(db);
    if (!err)
        err = statement_send(db, s, &p);
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
    PGresult *r = NULL;

    MUST(!db->is_in_transaction);
    db->bound_n = 0;
    db->failed = 0;
    int err = connection_ready(db);

    if (!err)
        err = script(db, "begin", &r);
    PQclear(r);
    db->is_in_transaction = !err;
    return err;
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
    int err = script(db, "commit", &r);

    PQclear(r);
    db->is_in_transaction = false;
    return err;
}

void db_rollback(struct db *db)
{
    PGresult *r = NULL;

    db->bound_n = 0;
    if (!db->is_in_transaction)
        return;
    if (db->conn && script(db, "rollback", &r) && db->conn)
        connection_drop(db);
    PQclear(r);
    db->is_in_transaction = false;
}

int db_script(struct db *db, const char *sql, const char **why)
{
    PGresult *r = NULL;
    int err = connection_ready(db);

    if (!err)
        err = script(db, sql, &r);
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
