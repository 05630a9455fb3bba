/* signature: what the sender of a video notice signs (spec of the API, 11.1): the attributes of its document
 * with their keys in snake_case, as Python writes JSON in ASCII, whatever way the document itself was
 * written. */
#ifndef LOOKIT_SIGNATURE_H
#define LOOKIT_SIGNATURE_H

#include "arena.h"

/* The signed text: data.id if there is one, the attributes in their order, and as _meta a top-level meta that
 * is not empty; relationships and the type are not signed. document: JSON that passed the reader, or nothing.
 * ERR_MALFORMED: no document of the API. */
int signature_text(struct arena *a, struct span document, struct span *out) MUST_CHECK;

/* Is sent (lower-case hex) the HMAC-SHA-256 of the document? Never with an empty key. Takes the same time
 * whether it nearly is or not. */
bool signature_is_right(struct arena *a, struct span key, struct span document, struct span sent);

#endif
