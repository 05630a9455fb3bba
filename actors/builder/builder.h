/* builder: what the files of this actor share. */
#ifndef LOOKIT_BUILDER_H
#define LOOKIT_BUILDER_H

#include "bus.h"
#include "store.h"

extern const struct actor_def builder_actor;

/* State of a replica: its struct store. */

int on_version_build(struct call *c, const struct version_build *m); /* build.c */
int on_version_file(struct call *c, const struct version_file *m);
int on_version_play(struct call *c, const struct version_play *m);
int on_version_preview(struct call *c, const struct version_preview *m);

#endif
