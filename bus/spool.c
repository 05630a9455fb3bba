/* spool: see the header. A file is written under the name it keeps: nobody knows the id before spool_finish()
 * tells it. */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypt.h"
#include "disk.h"
#include "errors.h"
#include "log.h"

#define OLD_S (24 * 60 * 60)
#define CHECK_BYTES (1u << 20) /* the disk is asked for room once for so many */

struct spool {
    int folder;
    int64_t floor;
};

struct spool_file {
    struct spool *spool;
    int fd;
    int err; /* the first write that failed: the file is not whole, so nothing else may succeed */
    struct uuid id;
    char name[37];
    uint64_t size, checked; /* there is room up to `checked` */
    struct crypt_digest *digest;
};

/* What a crash left behind. Only files that carry an id as their name are ours to remove. */
static void old_files_remove(int folder)
{
    int copy = dup(folder);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    time_t now = time(NULL); /* compared with the file system's clock, so never a frozen one */
    uint64_t removed = 0;

    if (!list) {
        log_warn("spool-sweep-failed", "errno=%d", errno);
        if (copy >= 0)
            (void)close(copy);
        return;
    }
    rewinddir(list);
    while ((entry = readdir(list))) {
        struct uuid id;
        struct stat st;
        if (uuid_read(span_of(entry->d_name), &id) ||
            fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode) ||
            now - st.st_mtime < OLD_S)
            continue;
        if (unlinkat(folder, entry->d_name, 0) == 0)
            removed++;
    }
    (void)closedir(list);
    if (removed)
        log_info("spool-swept", "files=%llu", (unsigned long long)removed);
}

int spool_open(struct spool **s, const char *folder, int64_t floor)
{
    int fd, err;

    MUST(floor >= 0);
    *s = NULL;
    err = disk_folder_open(folder, &fd);
    if (err)
        return err;
    if (fchmod(fd, 0700)) {
        err = disk_error(errno, "chmod");
        (void)close(fd);
        return err;
    }
    *s = malloc(sizeof **s);
    MUST(*s && "memory");
    **s = (struct spool){fd, floor};
    old_files_remove(fd);
    return 0;
}

void spool_close(struct spool **s)
{
    if (!*s)
        return;
    (void)close((*s)->folder);
    free(*s);
    *s = NULL;
}

int spool_create(struct spool *s, struct spool_file **f)
{
    struct spool_file *file;
    struct uuid id = crypt_uuid();
    char name[37];
    int fd, err;

    *f = NULL;
    err = disk_check_floor(s->folder, 0, s->floor);
    if (err)
        return err;
    uuid_text(&id, name);
    fd = openat(s->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return disk_error(errno, "create");
    file = malloc(sizeof *file);
    MUST(file && "memory");
    *file = (struct spool_file){.spool = s, .fd = fd, .id = id, .digest = crypt_digest_new(DIGEST_SHA256)};
    memcpy(file->name, name, sizeof name);
    *f = file;
    return 0;
}

int spool_write(struct spool_file *f, struct span bytes)
{
    if (f->err == 0 && f->size + bytes.n > f->checked) {
        f->err = disk_check_floor(f->fd, bytes.n + CHECK_BYTES, f->spool->floor);
        f->checked = f->size + bytes.n + CHECK_BYTES;
    }
    if (f->err == 0)
        f->err = disk_write(f->fd, bytes);
    if (f->err == 0) {
        crypt_digest_add(f->digest, bytes);
        f->size += bytes.n;
    }
    return f->err;
}

uint64_t spool_size(const struct spool_file *f)
{
    return f->size;
}

int spool_finish(struct spool_file **f, struct uuid *id, uint8_t sha256[32])
{
    struct spool_file *file = *f;
    int err = file->err;

    if (close(file->fd) && err == 0)
        err = disk_error(errno, "close");
    file->fd = -1;
    if (err) {
        spool_drop(f);
        return err;
    }
    *id = file->id;
    (void)crypt_digest_end(file->digest, sha256);
    crypt_digest_free(&file->digest);
    free(file);
    *f = NULL;
    return 0;
}

void spool_drop(struct spool_file **f)
{
    struct spool_file *file = *f;

    if (!file)
        return;
    if (file->fd >= 0)
        (void)close(file->fd);
    if (unlinkat(file->spool->folder, file->name, 0) && errno != ENOENT)
        (void)disk_error(errno, "unlink");
    crypt_digest_free(&file->digest);
    free(file);
    *f = NULL;
}

int spool_read(struct spool *s, const struct uuid *id, int *fd, uint64_t *size)
{
    char name[37];

    uuid_text(id, name);
    return disk_read_open(s->folder, name, fd, size);
}

void spool_remove(struct spool *s, const struct uuid *id)
{
    char name[37];

    uuid_text(id, name);
    if (unlinkat(s->folder, name, 0) && errno != ENOENT)
        (void)disk_error(errno, "unlink");
}

int64_t spool_free_bytes(const struct spool *s)
{
    return disk_free_bytes(s->folder);
}
