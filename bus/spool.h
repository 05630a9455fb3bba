/* spool: bytes too big for the bus rest here, on the disk of this machine, until their reader takes them.
 *
 * Files are named by a random id; mode 0600; in one folder; nothing here survives as truth (a row does). */
#ifndef LOOKIT_SPOOL_H
#define LOOKIT_SPOOL_H

#include "types.h"

struct spool;
struct spool_file; /* being written */

/* Makes the folder (0700, and what is missing above it) and removes files of ours older than a day. floor:
 * bytes that must stay free on the disk, else ERR_FULL. ERR_AWAY: the folder cannot be made or opened. One
 * spool may be shared by threads only through its folder: every thread opens its own. */
int spool_open(struct spool **s, const char *folder, int64_t floor) MUST_CHECK;
void spool_close(struct spool **s);

/* Writing: ERR_FULL when the disk is (ENOSPC, EDQUOT, or the floor). The digest of what is written is kept on
 * the way. After a write that failed, every other write and the end fail the same way: drop the file. */
int spool_create(struct spool *s, struct spool_file **f) MUST_CHECK;
int spool_write(struct spool_file *f, struct span bytes) MUST_CHECK;
uint64_t spool_size(const struct spool_file *f);
/* Ends writing: id and sha256 of the content. Not yet durable. f is taken, also on failure (then the file is
 * removed). */
int spool_finish(struct spool_file **f, struct uuid *id, uint8_t sha256[32]) MUST_CHECK;
void spool_drop(struct spool_file **f); /* gives up: file removed. Accepts NULL. */

/* Reading: an open descriptor, the caller's to close; *size in bytes. ERR_NOTFOUND. */
int spool_read(struct spool *s, const struct uuid *id, int *fd, uint64_t *size) MUST_CHECK;
void spool_remove(struct spool *s, const struct uuid *id);

/* Free bytes where the folder lies (statvfs, for unprivileged users). */
int64_t spool_free_bytes(const struct spool *s);

#endif
