#ifndef LOOKIT_MAILER_H
#define LOOKIT_MAILER_H

#include "bus.h"

extern const struct actor_def mailer_actor;

#endif
