/* disk: what spool and store both need of the file system. Blocking. Failures become ERR_*; those that an
 * operator must see (not full, not missing) are logged here, because only here errno is known. */
#ifndef LOOKIT_DISK_H
#define LOOKIT_DISK_H

#include "types.h"

/* ERR_FULL for ENOSPC and EDQUOT, ERR_NOTFOUND for ENOENT, ERR_CONFLICT for EEXIST, ERR_BUSY when out of
 * descriptors, else ERR_AWAY. what: the call, for the log. */
int disk_error(int errnum, const char *what);

/* Makes the folder and what is missing above it, mode 0700; there already is fine. *fd: the folder, the
 * caller's to close. */
int disk_folder_open(const char *path, int *fd) MUST_CHECK;
/* The same for one name below an open folder; a new one is durable on return. */
int disk_folder_open_at(int folder, const char *name, int *fd) MUST_CHECK;

/* Free bytes for unprivileged users where fd lies (statvfs). */
int64_t disk_free_bytes(int fd);
/* ERR_FULL when writing n bytes would leave less than floor. */
int disk_check_floor(int fd, uint64_t n, int64_t floor) MUST_CHECK;

/* Writes all of it. */
int disk_write(int fd, struct span bytes) MUST_CHECK;

/* Opens a regular file for reading: descriptor (the caller's to close) and bytes. ERR_NOTFOUND, also for what
 * is no file. */
int disk_read_open(int folder, const char *name, int *fd, uint64_t *size) MUST_CHECK;

#endif
