/* postgres: the private PostgreSQL server that stands beside us when no other database is configured.
 *
 * It listens on one unix socket in DATA/run, lets in our own user only, and ends when we end. All calls from
 * main's thread, with SIGCHLD blocked. */
#ifndef LOOKIT_POSTGRES_H
#define LOOKIT_POSTGRES_H

#include "home.h"

struct postgres;

enum { CONNINFO_SIZE = 600 };

/* Makes the cluster in DATA/postgres when there is none (about 0.7 s), ends what a crash of ours left
 * running, starts the server and waits until it takes connections. bin: folder of the server's programs, "" =
 * where Debian puts them. On failure ERR_AWAY, ERR_FULL or ERR_INVALID and a plain sentence in why. */
int postgres_start(struct postgres **p, const char *data, const char *bin, char why[WHY_SIZE]) MUST_CHECK;

/* Are the programs there that would serve this data folder? ERR_INVALID and a sentence. Changes nothing. */
int postgres_check(const char *data, const char *bin, char why[WHY_SIZE]) MUST_CHECK;

/* For libpq: how to reach the server of this data folder. */
void postgres_conninfo(const char *data, char out[CONNINFO_SIZE]);

/* To be called on SIGCHLD and after the milliseconds that the last call returned: starts a server that died,
 * with back-off from 0.1 to 10 s. Returns -1 when there is nothing to wait for. */
int64_t postgres_watch(struct postgres *p);

/* Fast stop (connections are cut, a checkpoint is written): waits at most 60 s, then leaves it to crash
 * recovery. */
void postgres_stop(struct postgres **p);

#endif
