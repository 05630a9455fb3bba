#include "roster.h"

#define ROSTER(name, replicas, roles) extern const struct actor_def name##_actor;
#include "roster.def"
#undef ROSTER

#define ROSTER(name, replicas, roles) {&name##_actor, replicas, roles},
const struct roster_entry roster[] = {
#include "roster.def"
    {0}};
