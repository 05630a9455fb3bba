#ifndef LOOKIT_JANITOR_H
#define LOOKIT_JANITOR_H

#include "bus.h"

extern const struct actor_def janitor_actor;

#endif
