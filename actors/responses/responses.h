/* responses: what the files of the actor share. */
#ifndef LOOKIT_RESPONSES_H
#define LOOKIT_RESPONSES_H

#include "bus.h"

extern const struct actor_def responses_actor;

/* What a replica holds. */
struct desk {
    struct spool *spool; /* where downloads are written */
};

/* save.c: the player's numbered saves. */
int on_response_append(struct call *c, const struct response_append *m);

/* api.c: JSON:API. */
int on_api_response_create(struct call *c, const struct api_response_create *m);
int on_api_response_change(struct call *c, const struct api_response_change *m);
int on_api_study_responses(struct call *c, const struct api_study_responses *m);

#endif
