/* demo: the demonstration lab and study of a fresh site. */
#ifndef LOOKIT_DEMO_H
#define LOOKIT_DEMO_H

#include "bus.h"

/* Asks the studies desk for it; a site that has accounts, or has the study, stays as it is. house runs the
 * desk and the builder. ERR_* of the desk. */
int demo_make(struct bus *house) MUST_CHECK;

#endif
