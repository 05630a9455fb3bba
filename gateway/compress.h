/* compress: the one door to brotli and zlib: answers made smaller on the way out, fast rather than small.
 *
 * Never for a page that shows both a secret and what its visitor's address or form said (BREACH); see
 * gateway_answer.c. */
#ifndef LOOKIT_COMPRESS_H
#define LOOKIT_COMPRESS_H

#include "arena.h"

#define COMPRESS_MIN 1024u      /* below, the head weighs more */
#define COMPRESS_MAX (8u << 20) /* above, it would hold up the loop */

enum coding { CODING_NONE, CODING_GZIP, CODING_BR };
const char *coding_name(enum coding c); /* "" for none */

/* The best that an Accept-Encoding allows. q=0 refuses; other weights do not count. */
enum coding coding_pick(struct span accept_encoding);

/* False when it is too small, too big or does not get smaller: send it as it is. */
bool compress_text(struct arena *a, enum coding c, struct span in, struct span *out);

#endif
