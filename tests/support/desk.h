/* desk: what tests of desks share: a migrated database, people in it, a house, and answers read as JSON. */
#ifndef LOOKIT_TEST_DESK_H
#define LOOKIT_TEST_DESK_H

#include "rig.h"

/* Brings $DATABASE_URL to the newest model. */
void desk_migrate(void);

/* Runs SQL; the first column of its first row as a number, 0 when there is none. */
int64_t desk_sql(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The same as text, static buffer. */
const char *desk_text(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* A new active account. is_researcher: the database makes it join the labs that every researcher joins. */
int64_t desk_account(const char *username, bool is_researcher);

/* Text of the value at a path like "children.0.given_name" of the last answer's document (reply.doc, reply.created); strings
 * without quotes, NULL when absent. In the rig's arena. */
const char *desk_doc(struct rig *r, const char *path);
/* Where the last answer leads (reply.see_other, reply.created, reply.session). */
const char *desk_location(struct rig *r);
/* First sentence about a field of the last refusal; NULL when there is none. */
const char *desk_error(struct rig *r, const char *field);

#endif
