/* bind_private: between bind.c and bind_json.c. */
#ifndef LOOKIT_BIND_PRIVATE_H
#define LOOKIT_BIND_PRIVATE_H

#include "bind.h"

enum bind_from { FROM_NOBODY, FROM_QUERY, FROM_BODY, FROM_PATH, FROM_GATEWAY };

/* The field of that name if input may set it, else NULL. *index: its place in the table. */
const struct field *bind_open_field(const struct bind *b, struct span name, size_t *index);
/* Beyond BIND_ERRORS_MAX: passed over. */
void bind_say(struct bind *b, struct span field, const char *code, const char *text);
/* Strips, turns CR LF into LF. */
struct span bind_clean(struct arena *a, const struct field *f, struct span text);

#endif
