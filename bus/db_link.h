/* db_link: the connection under bus/db.c: made and remade, waited for, and what its errors mean. For bus/db*.c
 * alone, who are the ones that know libpq. */
#ifndef LOOKIT_DB_LINK_H
#define LOOKIT_DB_LINK_H

#include <libpq-fe.h>

#include "db_private.h"

#define DB_GRACE_MS 3000 /* beyond statement_timeout: then the server is taken for dead */

struct db_result {
    PGresult *rows;
    struct arena *arena;
};

/* Connects, sets the session, prepares db->statements. ERR_AWAY. */
int db_connection_make(struct db *db) MUST_CHECK;
/* Before something is sent: a connection that broke while it was idle is remade; inside a transaction that is
 * ERR_AWAY. */
int db_connection_ready(struct db *db) MUST_CHECK;
void db_connection_drop(struct db *db);
int db_statements_prepare(struct db *db) MUST_CHECK;

/* Notes what the server said (r NULL: it said nothing) and gives the ERR_*; ERR_AWAY has dropped the
 * connection. s may be NULL. */
int db_error_note(struct db *db, const struct statement *s, const PGresult *r) MUST_CHECK;

/* Binary results. */
int db_statement_send(struct db *db, const struct statement *s, const struct db_parameters *p) MUST_CHECK;
/* When what is sent now is given up (clock_mono_ms); 0: never. */
int64_t db_deadline_of(const struct db *db);
/* The next result, or NULL at the end. ERR_AWAY when the connection broke or the server hangs; not noted. */
int db_result_next(struct db *db, int64_t deadline_ms, PGresult **r) MUST_CHECK;
/* Takes all results of a command; keeps the first error, noted, else the last result. */
int db_result_all(struct db *db, const struct statement *s, PGresult **kept) MUST_CHECK;
/* In pipeline mode: the one result of what was sent next (the caller's), and the mark behind it. ERR_AWAY: anything else came, the
 * connection is no good any more; *r NULL; not noted. */
int db_piped_take(struct db *db, PGresult **r) MUST_CHECK;
/* Behind the last: the end that PQpipelineSync asked for; leaves pipeline mode. ERR_AWAY as above. */
int db_piped_end(struct db *db) MUST_CHECK;
/* Until the call's arena is reset. */
const struct db_result *db_result_keep(struct db *db, PGresult *r);
/* Plain text, several statements allowed, no parameters. */
int db_simple(struct db *db, const char *sql, PGresult **r) MUST_CHECK;

#endif
