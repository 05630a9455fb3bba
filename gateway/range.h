/* range: which part of a thing is wanted, and whether it is wanted at all (RFC 9110 13, 14). Pure. */
#ifndef LOOKIT_RANGE_H
#define LOOKIT_RANGE_H

#include "types.h"

enum range_outcome {
    RANGE_WHOLE,        /* 200: no range, several, or none that we understand (14.2: may be ignored) */
    RANGE_PART,         /* 206 */
    RANGE_UNSATISFIABLE /* 416 */
};
/* header: the Range field. size: bytes of the whole. */
enum range_outcome range_pick(struct span header, uint64_t size, uint64_t *from, uint64_t *bytes);

/* tag: strong ETag without its quotes; {NULL,0}: there is none. modified_us 0: unknown. Headers may be
 * {NULL,0}. */

/* 304? If-None-Match (weak comparison) counts before If-Modified-Since. */
bool range_is_fresh(struct span if_none_match, struct span if_modified_since, struct span tag,
                    int64_t modified_us);

/* May a range be answered? If-Range with the same strong tag or the very date. */
bool range_still_fits(struct span if_range, struct span tag, int64_t modified_us);

#endif
