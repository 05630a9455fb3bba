/* db: the one door to libpq. One struct db = one connection = one thread.
 *
 * Statements come from actors/NAME/sql/ (struct statement). Parameters are bound by name: first from db_bind_*, then from the
 * fields of the message in hand. A parameter that is nowhere is a bug (MUST); an absent optional field is SQL NULL. */
#ifndef LOOKIT_DB_H
#define LOOKIT_DB_H

#include "arena.h"
#include "message.h"
#include "statement.h"

struct db;

/* conninfo: libpq keywords or URI. statements: NULL-terminated, prepared on connect. timeout_ms: statement_timeout; 0 = none (CLI).
 * ERR_AWAY when the server cannot be reached. Afterwards the connection is remade by itself when it broke; the call in which
 * it broke fails with ERR_AWAY. */
int db_open(struct db **db, const char *conninfo, const char *name, const struct statement *const *statements, uint32_t timeout_ms) MUST_CHECK;
void db_close(struct db **db);
/* The site's clock ("Europe/Berlin", letters, digits and _+-/ only) in every connection made from now on: lookit.time_zone, which SQL
 * asks for days and written times. Borrowed for good; "": the database's own. Before any thread. */
#define DB_ZONE_MAX 64
#define DB_ZONE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/"
void db_zone_set(const char *zone);
/* For one who opened without statements and must first make what they speak of (the migrator). Once; outside a transaction. */
int db_prepare(struct db *db, const struct statement *const *statements) MUST_CHECK;

/* Frame only: rows and bindings of a call live in its arena; the request gives parameters. m may be NULL. Without it (CLI, tests)
 * they live in an arena of the connection until db_close. */
void db_call(struct db *db, struct arena *a, const struct message *m, const void *body);

/* Values for the next statement only (then forgotten). Text is borrowed until then. Names are literals. */
void db_bind_text(struct db *db, const char *name, struct span v); /* {NULL,0} = NULL */
void db_bind_i64(struct db *db, const char *name, int64_t v);
void db_bind_bool(struct db *db, const char *name, bool v);
void db_bind_uuid(struct db *db, const char *name, const struct uuid *v);
void db_bind_bytes(struct db *db, const char *name, struct span v);
void db_bind_time(struct db *db, const char *name, int64_t us);
void db_bind_null(struct db *db, const char *name);

/* ERR_AWAY: connection gone. ERR_BUSY: serialisation or deadlock after 3 replays is the caller's to retry. ERR_CONFLICT: unique or
 * exclusion; ERR_INVALID: check, not-null, foreign key, bad text for a type; ERR_LATE: statement_timeout; ERR_TOOBIG; ERR_FULL: no space.
 * A function of a migration refuses with SQLSTATE 'LKnnn', nnn the number in errors.toml, and its words reach the person who
 * asked: raise exception using errcode = 'LK004', message = 'One sentence.', column = 'the field at fault'. Anything else is
 * ERR_BUG and logged.
 * db_why() says more, for logs, without values; db_constraint() names the constraint. After an error inside a transaction db_commit
 * gives that error again and rolls back: nothing that failed half-way can look done. */
int db_begin(struct db *db) MUST_CHECK;
int db_commit(struct db *db) MUST_CHECK;
void db_rollback(struct db *db); /* harmless outside a transaction */
bool db_is_in_transaction(const struct db *db);

struct row {
    const struct db_result *result; /* NULL: no row */
    int index;
};
int db_run(struct db *db, const struct statement *s, int64_t *changed) MUST_CHECK;   /* changed may be NULL */
int db_one(struct db *db, const struct statement *s, struct row *row) MUST_CHECK;    /* no row: ERR_NOTFOUND */
int db_maybe(struct db *db, const struct statement *s, struct row *row) MUST_CHECK;  /* no row: row->result NULL */
struct rows_found {
    const struct db_result *result;
    int n;
};
int db_rows(struct db *db, const struct statement *s, struct rows_found *rows) MUST_CHECK;
static inline struct row rows_at(struct rows_found rows, int i)
{
    return (struct row){rows.result, i};
}

/* What was said with the last 'LKnnn' of the call in hand: err 0 when there was none. Lives as long as the call; the words are at
 * most as long as those of reply.refused. */
struct db_refusal {
    int err;
    struct span text, field;
};
struct db_refusal db_refusal(const struct db *db);

/* Several questions in one round trip, and in one transaction: for statements that only read. Each gets its own row (result NULL:
 * none) or error; one that failed, or that another's failure took along, was asked once more by itself. Leaves the bindings of
 * db_call to the last. */
struct db_question {
    const struct statement *statement;
    const struct message *message; /* whose fields are its parameters */
    const void *body;
    struct row row;
    int err;
    struct db_refusal refusal; /* of err */
};
void db_ask(struct db *db, struct arena *a, struct db_question *questions, size_t n);

/* Columns by name; an unknown column is a bug. Spans live as long as the call. NULL: {NULL,0}, 0, false. */
bool row_is_null(const struct row *row, const char *column);
struct span row_text(const struct row *row, const char *column);
int64_t row_i64(const struct row *row, const char *column);
bool row_bool(const struct row *row, const char *column);
struct uuid row_uuid(const struct row *row, const char *column);
int64_t row_time(const struct row *row, const char *column); /* microseconds since 1970 */
struct span row_bytes(const struct row *row, const char *column);

const char *db_why(const struct db *db);
/* The last ERR_BUSY was a collision inside a transaction (40001, 40P01): rolled back, the handler may be run again from its start.
 * Outside a transaction a statement that collided was already replayed. For the frame. */
bool db_is_collided(const struct db *db);
const char *db_constraint(const struct db *db); /* "" when none */

/* Streaming of many rows in constant memory (exports): fn per row, whose spans live until fn returns; stops at fn's first error and
 * gives it. The connection is taken meanwhile, and statement_timeout counts while fn works. */
int db_each(struct db *db, const struct statement *s, int (*fn)(void *ctx, const struct row *row), void *ctx) MUST_CHECK;

/* For tests and `lookit check`: ERR_CONFLICT when the columns of a prepared statement are not those that its first line declares;
 * db_why() says which. */
int db_check(struct db *db, const struct statement *s) MUST_CHECK;

/* Only for ops/cli and the migrator: plain SQL text without parameters, several statements allowed. */
int db_script(struct db *db, const char *sql, const char **why) MUST_CHECK;

#endif
