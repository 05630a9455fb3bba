/* site: what belongs to the whole site, not to one process: its keys, and the links by which people with
 * rights get in.
 *
 * The links hold 32 random bytes; the database keeps only their SHA-256. */
#ifndef LOOKIT_SITE_H
#define LOOKIT_SITE_H

#include "db.h"

/* Connects for the calls below. ERR_AWAY. */
int site_open(struct db **db, const char *database) MUST_CHECK;

/* ERR_INVALID: PostgreSQL knows no such time zone. */
int site_zone_check(struct db *db, const char *zone) MUST_CHECK;

/* The key of this name, the same for every process of the site; made when there is none. ERR_* of the
 * database. */
int site_key(struct db *db, const char *name, uint8_t key[32]) MUST_CHECK;

/* Base64url of 32 bytes, and 0. */
enum { SITE_LINK_SIZE = 44 };

/* A new link for the first administrator, good for one day, older ones end. *is_open false: there is an
 * administrator. */
int site_setup_link(struct db *db, bool *is_open, char token[SITE_LINK_SIZE]) MUST_CHECK;

/* A researcher's invitation; until: when it ends, microseconds since 1970. */
int site_invite(struct db *db, const char *email, char token[SITE_LINK_SIZE], int64_t *until) MUST_CHECK;

/* Uuid of the demonstration study, when families can take part in it. */
int site_demo(struct db *db, bool *is_there, char uuid[37]) MUST_CHECK;

#endif
