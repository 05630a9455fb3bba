/* form_private: between form.c and form_multipart.c. */
#ifndef LOOKIT_FORM_PRIVATE_H
#define LOOKIT_FORM_PRIVATE_H

#include "form.h"

/* Adds one pair, within the bounds. Borrows both. */
int form_add(struct arena *a, struct form *f, struct span name, struct span value) MUST_CHECK;

#endif
