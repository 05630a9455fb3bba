/* webm: a browser's live recording has neither a duration nor an index, so players cannot show how long it is
 * or jump in it. This writes the same recording with both. No frame is touched: the content of every cluster
 * is copied as it is (RFC 9559). */
#ifndef LOOKIT_WEBM_H
#define LOOKIT_WEBM_H

#include "types.h"

struct webm_report {
    double duration_ms;
    uint32_t clusters;
    uint64_t bytes_cut; /* at the end: an element that was not complete */
};

/* Reads the file behind in (size bytes) and writes the finished one to out, from where it stands.
 * ERR_UNSUPPORTED: not a live WebM (another format, already finished, or a shape that we do not know): keep
 * it as it is; what out holds then is worthless. ERR_FULL, ERR_AWAY: writing failed. Takes as long as
 * copying. */
int webm_finish(int in, uint64_t size, int out, struct webm_report *report) MUST_CHECK;

#endif
