/* password: which passwords are good enough (web-families.md §3.3). */
#ifndef LOOKIT_PASSWORD_H
#define LOOKIT_PASSWORD_H

#include "types.h"

#define PASSWORD_FAMILY_MIN 10u     /* characters */
#define PASSWORD_RESEARCHER_MIN 16u /* they look after other people's data */

/* NULL when it is, else one sentence. username: the account's address; a password too much like it, or like a
 * word of it, is refused. */
const char *password_why_not(struct span password, struct span username, size_t min);

#endif
