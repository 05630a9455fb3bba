/* indent: a JSON document with one tab for each level, as the scripts and editors of the labs know it. */
#ifndef LOOKIT_INDENT_H
#define LOOKIT_INDENT_H

#include "arena.h"

/* Adds json to t; values stand as they are written. ERR_MALFORMED, ERR_TOOBIG (deeper than JSON_DEPTH_CAP).
 */
int indent_json(struct arena *a, struct text *t, struct span json) MUST_CHECK;

#endif
