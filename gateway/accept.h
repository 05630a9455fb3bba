/* accept: what the header Accept asks of an answer of the JSON:API (RFC 9110 section 12.5.1; spec of the
 * API, 4.1). */
#ifndef LOOKIT_ACCEPT_H
#define LOOKIT_ACCEPT_H

#include "types.h"

/* The media range of the header that the API answers to, the most specific of them: application/vnd.api+json
 * or one that takes it in, or text/html, for browsers can show JSON; quality does not count. {NULL,0}: none.
 * Borrowed from the header. */
struct span accept_range(struct span header);

/* Blanks a level that the range wants an answer to be indented by (its parameter `indent`), at most
 * JSON_INDENT_MAX; 0: compact. */
unsigned accept_indent(struct span range);

#endif
