#ifndef LOOKIT_SCHEDULER_H
#define LOOKIT_SCHEDULER_H

#include "bus.h"

extern const struct actor_def scheduler_actor;

#endif
