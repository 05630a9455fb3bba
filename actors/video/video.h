/* video: what the files of this desk share. */
#ifndef LOOKIT_VIDEO_H
#define LOOKIT_VIDEO_H

#include "bus.h"
#include "store.h"

extern const struct actor_def video_actor;

struct relay {
    struct store *store;
    struct spool *spool;
};

/* ---- upload.c: recordings on their way in */

int on_upload_create(struct call *c, const struct upload_create *m);
int on_upload_append(struct call *c, const struct upload_append *m);
int on_upload_head(struct call *c, const struct upload_head *m);
int on_upload_drop(struct call *c, const struct upload_drop *m);

/* ---- arrival.c: a recording that is complete becomes a video */

/* Moves the draft to its place and adds the video's row; doing it again is harmless. The upload must be
 * 'received' (else nothing happens). Opens its own transaction. */
int upload_arrive(struct call *c, const struct uuid *upload) MUST_CHECK;

/* Somebody's recording arrived: it gets its duration, index and digest. */
int on_video_stored(struct call *c, const struct video_stored *m);

/* What a crash, or a family that never came back, left half done. */
int relay_tick(struct call *c);

/* ---- notice.c: a recording that lies in a store elsewhere */

int on_api_video_create(struct call *c, const struct api_video_create *m);

/* ---- watch.c: recordings that have arrived */

int on_video_show(struct call *c, const struct video_show *m);
int on_video_own(struct call *c, const struct video_own *m);

/* Adds kind to the event log. account 0: nobody. */
int video_event(struct call *c, const char *kind, int64_t account, const struct uuid *subject) MUST_CHECK;

#endif
