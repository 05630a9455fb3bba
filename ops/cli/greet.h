/* greet: what the operator reads when the house is ready. */
#ifndef LOOKIT_GREET_H
#define LOOKIT_GREET_H

#include "db.h"

/* address: scheme://host[:port]. Prints it and the data folder; while the site has no administrator also a
 * fresh one-time link; and the demonstration study when families can take part in it. ERR_* of the database.
 */
int greet(struct db *db, const char *address, const char *data) MUST_CHECK;

#endif
