/* name: what a recording is called (video.md §2):
 * [consent-]videoStream_<study>_<frame id>_<response>_<ms since 1970>_<0..999>.<ext> */
#ifndef LOOKIT_VIDEO_NAME_H
#define LOOKIT_VIDEO_NAME_H

#include "types.h"

struct video_name {
    bool is_consent;
    struct uuid study, response;
    struct span frame;  /* borrows from the text */
    int64_t made_us;    /* microseconds since 1970 */
    struct span ending; /* without the dot */
};

/* ERR_MALFORMED unless text has exactly this shape. */
int video_name_read(struct span text, struct video_name *out) MUST_CHECK;

#endif
