/* maildir: mails as files, for a house without a mail server: tmp/ new/ cur/, as every mail reader knows
 * them. Blocking. */
#ifndef LOOKIT_MAILER_MAILDIR_H
#define LOOKIT_MAILER_MAILDIR_H

#include "types.h"

struct maildir;

/* Makes what is missing (0700). ERR_AWAY, ERR_FULL. Removes what a crash left half-written for a day. */
int maildir_open(struct maildir **m, const char *path) MUST_CHECK;
void maildir_close(struct maildir **m);

/* Durable on return. The name has at most 100 letters, digits, points or hyphens; the same one again takes
 * the place of the first. ERR_FULL, ERR_AWAY. */
int maildir_put(struct maildir *m, const char *name, struct span bytes) MUST_CHECK;

#endif
