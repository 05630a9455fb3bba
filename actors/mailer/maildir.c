/* maildir: see the header. */
#include "maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "disk.h"
#include "errors.h"
#include "log.h"

enum { NAME_BYTES = 100, DAY_S = 86400 };

struct maildir {
    int root, tmp, new, cur;
};

/* Nobody writes to one mail for a day. */
static void tmp_sweep(struct maildir *m)
{
    int fd = openat(m->tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    int64_t before_s = clock_us() / 1000000 - DAY_S;
    struct dirent *e;
    struct stat st;

    if (!dir) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    while ((e = readdir(dir)) != NULL)
        if (fstatat(m->tmp, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            st.st_mtime < before_s)
            (void)unlinkat(m->tmp, e->d_name, 0);
    (void)closedir(dir);
}

int maildir_open(struct maildir **m, const char *path)
{
    struct maildir *made = calloc(1, sizeof *made);
    int err;

    MUST(made && "memory");
    *made = (struct maildir){-1, -1, -1, -1};
    err = disk_folder_open(path, &made->root);
    if (!err)
        err = disk_folder_open_at(made->root, "tmp", &made->tmp);
    if (!err)
        err = disk_folder_open_at(made->root, "new", &made->new);
    if (!err)
        err = disk_folder_open_at(made->root, "cur", &made->cur);
    if (err)
        maildir_close(&made);
    else
        tmp_sweep(made);
    *m = made;
    return err;
}

void maildir_close(struct maildir **m)
{
    if (!*m)
        return;
    const int fd[] = {(*m)->root, (*m)->tmp, (*m)->new, (*m)->cur};
    for (size_t i = 0; i < sizeof fd / sizeof *fd; i++)
        if (fd[i] >= 0)
            (void)close(fd[i]);
    free(*m);
    *m = NULL;
}

static int file_write(struct maildir *m, const char *name, struct span bytes)
{
    int fd = openat(m->tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int err;

    if (fd < 0)
        return disk_error(errno, "maildir-open");
    err = disk_write(fd, bytes);
    if (!err && fsync(fd))
        err = disk_error(errno, "maildir-fsync");
    if (close(fd) && !err)
        err = disk_error(errno, "maildir-close");
    return err;
}

int maildir_put(struct maildir *m, const char *name, struct span bytes)
{
    char tmp[NAME_BYTES + 40], uuid[37];
    struct uuid once = crypt_uuid();
    int err;

    MUST(strlen(name) <= NAME_BYTES && !strchr(name, '/') && name[0] != '.');
    uuid_text(&once, uuid);
    (void)snprintf(tmp, sizeof tmp, "%s.%s", name, uuid);
    err = file_write(m, tmp, bytes);
    if (!err && renameat(m->tmp, tmp, m->new, name))
        err = disk_error(errno, "maildir-rename");
    if (err)
        (void)unlinkat(m->tmp, tmp, 0);
    else if (fsync(m->new))
        err = disk_error(errno, "maildir-fsync");
    return err;
}
