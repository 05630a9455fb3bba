/* db_link: see the header.
 *
 * Statements run through the asynchronous calls with a deadline of our own beside the server's
 * statement_timeout, so a server that hangs costs a bounded wait and the connection, never the thread. */
#include "db_link.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "errors.h"
#include "log.h"

#define CONNECT_SECONDS "5"
#define REFUSAL_TEXT_MAX 1000u /* as in reply.toml */
#define REFUSAL_FIELD_MAX 100u

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

void db_connection_drop(struct db *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
}

/* At most max bytes, cut between two characters. */
static struct span words_keep(struct db *db, const char *words, size_t max)
{
    struct span s = span_of(words);

    if (s.n > max) {
        s.n = max;
        while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
            s.n--;
    }
    return s.n ? arena_copy(db->arena, s) : (struct span){NULL, 0};
}

static void refusal_note(struct db *db, int err, const PGresult *r)
{
    db->refusal = (struct db_refusal){
        .err = err,
        .text = words_keep(db, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), REFUSAL_TEXT_MAX),
        .field = words_keep(db, PQresultErrorField(r, PG_DIAG_COLUMN_NAME), REFUSAL_FIELD_MAX)};
}

struct db_refusal db_refusal(const struct db *db)
{
    return db->refusal;
}

/* Notes what the server said and gives the ERR_*. A prepared statement that is gone or stale (DISCARD ALL, a
 * column's type changed by a migration) is cured by a new connection. */
int db_error_note(struct db *db, const struct statement *s, const PGresult *r)
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
    if (state && strncmp(state, "LK", 2) == 0)
        refusal_note(db, err, r);
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
        db_connection_drop(db);
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

int64_t db_deadline_of(const struct db *db)
{
    return db->timeout_ms ? clock_mono_ms() + db->timeout_ms + DB_GRACE_MS : 0;
}

/* The next result, or NULL at the end. ERR_AWAY when the connection broke or the server hangs. */
int db_result_next(struct db *db, int64_t deadline_ms, PGresult **r)
{
    *r = NULL;
    if (result_wait(db, deadline_ms))
        return ERR_AWAY;
    *r = PQgetResult(db->conn);
    return 0;
}

/* Takes all results of a command; keeps the first error, else the last result. */
int db_result_all(struct db *db, const struct statement *s, PGresult **kept)
{
    int64_t deadline_ms = db_deadline_of(db);
    PGresult *r;

    *kept = NULL;
    while (!db_result_next(db, deadline_ms, &r)) {
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
    int err = db_error_note(db, s, *kept);

    PQclear(*kept);
    *kept = NULL;
    return err;
}

/* Plain text, several statements allowed, no parameters. */
int db_simple(struct db *db, const char *sql, PGresult **r)
{
    if (!PQsendQuery(db->conn, sql))
        return db_error_note(db, NULL, NULL);
    return db_result_all(db, NULL, r);
}

/* ---- connection ------------------------------------------------------------------------------------------
 */

static void notice_drop(void *ctx, const PGresult *r)
{
    (void)ctx; /* chatter such as "relation exists, skipping"; errors come as results */
    (void)r;
}

/* All in one round trip. */
int db_statements_prepare(struct db *db)
{
    int64_t deadline_ms = db_deadline_of(db);
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

        if (db_result_next(db, deadline_ms, &r))
            return ERR_AWAY;
        if (!r) { /* end of this statement's results */
            s++;
            continue;
        }
        if (PQresultStatus(r) == PGRES_FATAL_ERROR && !err)
            err = db_error_note(db, *s, r);
        PQclear(r);
        if (!db->conn)
            return err;
    }
    PGresult *sync;

    if (db_result_next(db, deadline_ms, &sync))
        return ERR_AWAY;
    PQclear(sync);
    return PQexitPipelineMode(db->conn) ? err : ERR_AWAY;
}

static const char *site_zone = "";

void db_zone_set(const char *zone)
{
    MUST(strspn(zone, DB_ZONE_LETTERS) == strlen(zone) && strlen(zone) <= DB_ZONE_MAX);
    site_zone = zone;
}

static int session_set(struct db *db)
{
    char sql[400 + DB_ZONE_MAX];
    PGresult *r = NULL;

    /* A transaction that its thread forgot must not hold locks for ever. Compiling our short statements costs
     * more than it gains: 200 times as long for the rows of twenty sessions. */
    (void)snprintf(
        sql, sizeof sql,
        "set statement_timeout = %u; set idle_in_transaction_session_timeout = %u; set timezone = 'UTC';"
        " set client_min_messages = warning; set extra_float_digits = 1; set jit = off%s%s%s",
        (unsigned)db->timeout_ms, db->timeout_ms ? 60000u : 0u,
        site_zone[0] ? "; set lookit.time_zone = '" : "", site_zone, site_zone[0] ? "'" : "");
    int err = db_simple(db, sql, &r);

    PQclear(r);
    return err;
}

int db_connection_make(struct db *db)
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

    db_connection_drop(db);
    (void)snprintf(application, sizeof application, "lookit/%s", db->name);
    db->conn = PQconnectdbParams(keys, values, 1);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        db_why_set(db, "%s", PQerrorMessage(db->conn));
        log_warn("db-away", "db=%s", db->name);
        db_connection_drop(db);
        return ERR_AWAY;
    }
    (void)PQsetNoticeReceiver(db->conn, notice_drop, NULL);
    (void)PQsetnonblocking(db->conn, 1);
    int err = session_set(db);

    if (!err)
        err = db_statements_prepare(db);
    if (err)
        db_connection_drop(db);
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

int db_connection_ready(struct db *db)
{
    MUST(!db->is_streaming); /* db_each: its connection is taken until the last row */
    if (db->is_in_transaction)
        return db->conn ? 0 : ERR_AWAY;
    return connection_is_fit(db) ? 0 : db_connection_make(db);
}

/* ---- sending ---------------------------------------------------------------------------------------------
 */

int db_statement_send(struct db *db, const struct statement *s, const struct db_parameters *p)
{
    return PQsendQueryPrepared(db->conn, s->name, (int)s->in_n, p->p, p->n, p->format, 1)
               ? 0
               : db_error_note(db, s, NULL);
}

/* ---- pipelines -------------------------------------------------------------------------------------------
 */

int db_piped_take(struct db *db, PGresult **r)
{
    int64_t deadline_ms = db_deadline_of(db);
    PGresult *mark = NULL;
    int err = db_result_next(db, deadline_ms, r);

    if (!err)
        err = *r ? db_result_next(db, deadline_ms, &mark) : ERR_AWAY;
    if (!err && !mark)
        return 0;
    PQclear(mark);
    PQclear(*r);
    *r = NULL;
    return ERR_AWAY;
}

int db_piped_end(struct db *db)
{
    PGresult *end;
    bool is_end;

    TRY(db_result_next(db, db_deadline_of(db), &end));
    is_end = PQresultStatus(end) == PGRES_PIPELINE_SYNC;
    PQclear(end);
    return is_end && PQexitPipelineMode(db->conn) ? 0 : ERR_AWAY;
}

/* ---- keeping ---------------------------------------------------------------------------------------------
 */

static void result_release(void *what)
{
    PQclear(what);
}

const struct db_result *db_result_keep(struct db *db, PGresult *r)
{
    struct db_result *result = arena_get(db->arena, sizeof *result);

    arena_defer(db->arena, result_release, r);
    *result = (struct db_result){r, db->arena};
    return result;
}
