/* store: bytes that are kept. Rows say what they are and who may see them; the store only holds them.
 *
 * Three shelves: objects, named by the SHA-256 of what is in them, which therefore never change; video files,
 * named by study and file name; and drafts, which grow chunk by chunk until they become a video file. What a
 * put, append, keep or remove has answered survives a power cut. Everything blocks on the disk: for desks and
 * hands, never for the HTTP loop. One store belongs to one thread; many may be open on the same place at
 * once.
 *
 * The place is a folder today (objects/ab/<hex>, video/<study>/<name>, drafts/<uuid>, temp/<uuid>). Callers
 * see descriptors of local files only, so a bucket can stand behind the same calls: `where` will name it, a
 * get will fetch into a file without a name, and drafts stay on this machine until they are kept. */
#ifndef LOOKIT_STORE_H
#define LOOKIT_STORE_H

#include "types.h"

struct store;

/* where: folder, made with all above it (0700). floor: bytes that must stay free on the disk, else ERR_FULL.
 * ERR_AWAY: cannot be made or opened. Removes what a crash left unfinished for a day. */
int store_open(struct store **s, const char *where, int64_t floor) MUST_CHECK;
void store_close(struct store **s);

/* In all calls below: ERR_FULL: no room on the disk; ERR_AWAY: it failed, and the log says how; ERR_BUSY: out
 * of descriptors. A descriptor that is given out is open for reading, at the start, and the caller's to
 * close. */

/* Objects. Putting what is there already is success and writes nothing. */
int store_put(struct store *s, struct span bytes, uint8_t sha256[32]) MUST_CHECK;
/* From an open file (a spool file, say), from where it stands to its end; fd stays the caller's. More than
 * size_max bytes: ERR_TOOBIG, nothing kept. */
int store_put_fd(struct store *s, int fd, uint64_t size_max, uint8_t sha256[32], uint64_t *size) MUST_CHECK;
int store_get(struct store *s, const uint8_t sha256[32], int *fd,
              uint64_t *size) MUST_CHECK;                               /* ERR_NOTFOUND */
int store_has(struct store *s, const uint8_t sha256[32]) MUST_CHECK;    /* 0 or ERR_NOTFOUND */
int store_remove(struct store *s, const uint8_t sha256[32]) MUST_CHECK; /* not there is success */

/* May this be the name of a video file? 1 to 255 bytes of UTF-8, no slash or backslash, no control character,
 * no dot in front. Every call that takes a name refuses others with ERR_INVALID. */
bool store_name_is_good(struct span name);

/* Video files. A name is given once: ERR_CONFLICT when it is taken. */
int store_video_put_fd(struct store *s, const struct uuid *study, struct span name, int fd, uint64_t size_max,
                       uint64_t *size) MUST_CHECK;
int store_video_get(struct store *s, const struct uuid *study, struct span name, int *fd,
                    uint64_t *size) MUST_CHECK;
/* Gives the file new content: rewrite reads from in (size bytes) and writes to out; when it returns 0 the new
 * content takes the place of the old at once, whoever reads the old one keeps it. Its error is given back, and
 * nothing has changed. ERR_NOTFOUND. */
int store_video_rewrite(struct store *s, const struct uuid *study, struct span name,
                        int (*rewrite)(int in, uint64_t size, int out, void *ctx), void *ctx) MUST_CHECK;
int store_video_remove(struct store *s, const struct uuid *study,
                       struct span name) MUST_CHECK; /* gone is success */

/* Drafts. Appends n bytes from an open file (a spool file, say), from where it stands, at byte `at`, which must be
 * the draft's end; the first append makes the draft (at 0). *size: the draft's length now, also when `at` is
 * another: ERR_CONFLICT. Durable when it returns 0. The length of a draft is the truth about it: a crash leaves
 * what was acknowledged, and perhaps more of what the same client sent, never less. ERR_MALFORMED: the file is
 * shorter than n. */
int store_draft_append(struct store *s, const struct uuid *draft, uint64_t at, int from, uint64_t n,
                       uint64_t *size) MUST_CHECK;
int store_draft_get(struct store *s, const struct uuid *draft, int *fd,
                    uint64_t *size) MUST_CHECK; /* ERR_NOTFOUND */
/* Its length, and the seconds since it last grew. ERR_NOTFOUND. */
int store_draft_age(struct store *s, const struct uuid *draft, uint64_t *size, int64_t *age_s) MUST_CHECK;
/* The draft becomes a video file, without copying. Doing it again is success: the answer may have been lost.
 * ERR_NOTFOUND: neither draft nor file; ERR_CONFLICT: the name holds something else. */
int store_draft_keep(struct store *s, const struct uuid *draft, const struct uuid *study,
                     struct span name) MUST_CHECK;
int store_draft_remove(struct store *s, const struct uuid *draft) MUST_CHECK; /* gone is success */

int64_t store_free_bytes(const struct store *s);

#endif
