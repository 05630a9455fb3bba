/* responses: what the files of the actor share. */
#ifndef LOOKIT_RESPONSES_H
#define LOOKIT_RESPONSES_H

#include "bus.h"

extern const struct actor_def responses_actor;

/* save.c: the player's numbered saves. */
int on_response_append(struct call *c, const struct response_append *m);

/* api_write.c, api_feedback.c: what JSON:API writes. */
int on_api_response_create(struct call *c, const struct api_response_create *m);
int on_api_response_change(struct call *c, const struct api_response_change *m);
int on_api_feedback_create(struct call *c, const struct api_feedback_create *m);
int on_api_feedback_change(struct call *c, const struct api_feedback_change *m);
int api_not_found(struct call *c, const char *what);
int api_denied(struct call *c);

/* lab.c: what a lab says about responses; the family's own history. */
int on_consent_rule(struct call *c, const struct consent_rule *m);
int on_response_note(struct call *c, const struct response_note *m);
int on_response_feedback(struct call *c, const struct response_feedback *m);
int on_response_previews_delete(struct call *c, const struct response_previews_delete *m);
int on_response_history(struct call *c, const struct response_history *m);
int on_response_history_turn(struct call *c, const struct response_history_turn *m);

#endif
