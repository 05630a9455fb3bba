/* migrate: brings a database to what this program expects. */
#ifndef LOOKIT_MIGRATE_H
#define LOOKIT_MIGRATE_H

#include "db.h"
#include "embedded.h"

#define MIGRATE_WHY_MAX 300

/* Applies what is missing of schemas/database/, in order, one transaction each, under a lock that other
 * starters wait for. conninfo: libpq keywords or URI. why: one sentence when it fails. ERR_AWAY: the server
 * cannot be reached, or went away (what was applied so far stays). ERR_CONFLICT: the database is newer than
 * this program, or was made from other migrations. ERR_BUSY: another starter holds the lock for two minutes.
 * Else what the failing migration said; it left no trace. */
int migrate(const char *conninfo, char why[MIGRATE_WHY_MAX]) MUST_CHECK;

/* The same with migrations of the caller's (tests), ended by name NULL, in the order of their names; the
 * first is the ledger. db: opened without statements and without timeout; afterwards it serves the ledger's
 * statements only. */
int migrate_run(struct db *db, const struct embedded *files, char why[MIGRATE_WHY_MAX]) MUST_CHECK;

#endif
