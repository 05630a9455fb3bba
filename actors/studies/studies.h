/* studies: what the files of this desk share. */
#ifndef LOOKIT_STUDIES_H
#define LOOKIT_STUDIES_H

#include "bus.h"

extern const struct actor_def studies_actor;

/* ---- studies.c */

/* Adds kind to the event log: who did it (0: nobody), to what. */
int study_event(struct call *c, const char *kind, uint64_t account, const struct uuid *subject) MUST_CHECK;

/* A text of a form that must be there. */
struct needed {
    const char *field;
    struct span text;
};
/* form_error() for each that is empty; the list ends with field NULL. */
void needed_check(struct call *c, const struct needed *list);

bool text_is_url(struct span text);   /* http or https, with a host, no blanks */
bool text_is_email(struct span text); /* something@host.domain */

/* ---- lab.c */
int on_lab_create(struct call *c, const struct lab_create *m);
int on_lab_edit_form(struct call *c, const struct lab_edit_form *m);
int on_lab_save(struct call *c, const struct lab_save *m);
int on_lab_ask(struct call *c, const struct lab_ask *m);
int on_lab_member(struct call *c, const struct lab_member *m);

/* ---- ad.c: what families read */
int on_study_form(struct call *c, const struct study_form *m);
int on_study_create(struct call *c, const struct study_create *m);
int on_study_edit_form(struct call *c, const struct study_edit_form *m);
int on_study_save(struct call *c, const struct study_save *m);
int on_study_clone(struct call *c, const struct study_clone *m);

/* ---- protocol.c */
int on_study_design(struct call *c, const struct study_design *m);
int on_study_protocol(struct call *c, const struct study_protocol *m);
int on_study_protocol_save(struct call *c, const struct study_protocol_save *m);
int on_study_protocol_check(struct call *c, const struct study_protocol_check *m);

/* ---- way.c: from draft to families */
int on_study_transition(struct call *c, const struct study_transition *m);
int on_study_demo(struct call *c, const struct study_demo *m);

/* ---- family.c */
int on_study_show(struct call *c, const struct study_show *m);
int on_study_start(struct call *c, const struct study_start *m);
int on_study_preview_start(struct call *c, const struct study_preview_start *m);

#endif
