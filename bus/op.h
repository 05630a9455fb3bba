/* op: a deed is done once (architecture §4: side effects carry an op_id, so a repeat is harmless). Frame
 * only; handlers see call_commit() of bus.h.
 *
 * A request whose message has a field op_id leaves a row with its reply in the transaction of what it did.
 * The same op_id again, of the same viewer, is answered with that reply, and its handler is not run. */
#ifndef LOOKIT_OP_H
#define LOOKIT_OP_H

#include "house.h"

/* Is this a request that must be done once, on an actor with a database? */
bool op_counts(const struct call *c);

/* Notes which deed is in hand. Only if it counts. */
int op_note(struct call *c, const void *body) MUST_CHECK;

/* Was it done before? Then its reply is ready to be sent and *is_repeat is true. After db_call(). */
int op_repeat(struct call *c, bool *is_repeat) MUST_CHECK;

/* All statements of an actor, and those of the frame if one of its messages counts, for db_open(); freed by
 * the caller with free(). */
const struct statement **op_statements(const struct actor_def *def) MUST_CHECK;

#endif
