/* disk: see the header. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "errors.h"
#include "log.h"

int disk_error(int errnum, const char *what)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case ENOENT:
        return ERR_NOTFOUND;
    case EEXIST:
        return ERR_CONFLICT;
    case EMFILE:
    case ENFILE:
        log_error("disk-failed", "call=%s errno=%d", what, errnum);
        return ERR_BUSY;
    default:
        log_error("disk-failed", "call=%s errno=%d", what, errnum);
        return ERR_AWAY;
    }
}

int disk_folder_open_at(int folder, const char *name, int *fd)
{
    if (mkdirat(folder, name, 0700) == 0) {
        if (folder != AT_FDCWD && fsync(folder)) /* what is put below must not vanish with the folder */
            return disk_error(errno, "fsync-folder");
    } else if (errno != EEXIST) {
        return disk_error(errno, "mkdir");
    }
    *fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 ? disk_error(errno, "open-folder") : 0;
}

int disk_folder_open(const char *path, int *fd)
{
    char part[PATH_MAX];
    size_t n = strlen(path);

    if (n == 0 || n >= sizeof part)
        return ERR_INVALID;
    memcpy(part, path, n + 1);
    for (size_t i = 1; i < n; i++) {
        if (part[i] != '/')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0700) && errno != EEXIST)
            return disk_error(errno, "mkdir");
        part[i] = '/';
    }
    return disk_folder_open_at(AT_FDCWD, path, fd);
}

int64_t disk_free_bytes(int fd)
{
    struct statvfs v;

    if (fstatvfs(fd, &v)) {
        (void)disk_error(errno, "statvfs");
        return 0;
    }
    return (int64_t)(v.f_bavail * v.f_frsize);
}

int disk_check_floor(int fd, uint64_t n, int64_t floor)
{
    int64_t left = disk_free_bytes(fd);

    return left < floor || n > (uint64_t)(left - floor) ? ERR_FULL : 0;
}

int disk_write(int fd, struct span bytes)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return disk_error(errno, "write");
        bytes = (struct span){bytes.p + n, bytes.n - (size_t)n};
    }
    return 0;
}

int disk_read_open(int folder, const char *name, int *fd, uint64_t *size)
{
    struct stat st;

    /* O_NONBLOCK: opening a pipe that somebody put there must not hang. It means nothing for a file. */
    *fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0)
        return errno == ELOOP || errno == ENOTDIR ? ERR_NOTFOUND : disk_error(errno, "open");
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode)) {
        *size = (uint64_t)st.st_size;
        return 0;
    }
    (void)close(*fd);
    *fd = -1;
    return ERR_NOTFOUND;
}
