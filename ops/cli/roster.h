/* roster: actors/roster.def as a table. */
#ifndef LOOKIT_ROSTER_H
#define LOOKIT_ROSTER_H

#include "bus.h"

#define ROSTER(name, replicas, roles) +1
enum {
    ROSTER_SIZE = 0
#include "roster.def"
};
#undef ROSTER

extern const struct roster_entry roster[]; /* ended by def NULL */

#endif
