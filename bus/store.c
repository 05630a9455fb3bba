/* store: see the header. Everything new is written in temp/ by a spool, synced, and then given its name in
 * one step. */
#define _DEFAULT_SOURCE /* flock: locks that belong to the open file, not to the process */

#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "disk.h"
#include "errors.h"
#include "log.h"
#include "spool.h"
#include "utf8.h"

#define NAME_MAX_BYTES 255
#define COPY_BYTES ((size_t)64 * 1024)
#define SENDFILE_MAX ((size_t)1 << 30) /* of one call */
#define HEX_BYTES 65

struct store {
    int objects, video, drafts, temp;
    int64_t floor;
    struct spool *spool; /* in temp */
};

static int folders_open(struct store *s, const char *where)
{
    const struct shelf {
        const char *name;
        int *fd;
    } shelves[] = {
        {"objects", &s->objects}, {"video", &s->video}, {"drafts", &s->drafts}, {"temp", &s->temp}};
    int root, err = disk_folder_open(where, &root);

    if (err)
        return err;
    for (size_t i = 0; err == 0 && i < sizeof shelves / sizeof *shelves; i++)
        err = disk_folder_open_at(root, shelves[i].name, shelves[i].fd);
    (void)close(root);
    return err;
}

int store_open(struct store **s, const char *where, int64_t floor)
{
    char temp[4096];
    int err, n = snprintf(temp, sizeof temp, "%s/temp", where);

    *s = NULL;
    if (n < 0 || (size_t)n >= sizeof temp)
        return ERR_INVALID;
    *s = malloc(sizeof **s);
    MUST(*s && "memory");
    **s = (struct store){.objects = -1, .video = -1, .drafts = -1, .temp = -1, .floor = floor};
    err = folders_open(*s, where);
    if (err == 0)
        err = spool_open(&(*s)->spool, temp, floor);
    if (err)
        store_close(s);
    return err;
}

void store_close(struct store **s)
{
    if (!*s)
        return;
    const int folders[] = {(*s)->objects, (*s)->video, (*s)->drafts, (*s)->temp};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (folders[i] >= 0)
            (void)close(folders[i]);
    spool_close(&(*s)->spool);
    free(*s);
    *s = NULL;
}

int64_t store_free_bytes(const struct store *s)
{
    return disk_free_bytes(s->objects);
}

bool store_name_is_good(struct span name)
{
    if (name.n == 0 || name.n > NAME_MAX_BYTES || name.p[0] == '.' || !utf8_is_text(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c < 0x20 || c == 0x7f || c == '/' || c == '\\')
            return false;
    }
    return true;
}

/* ---- steps that all shelves share ---- */

/* What bytes of an open file go into a new file in temp/, whose name is the text of *temp. */
static int copy_to_temp(struct store *s, int fd, uint64_t size_max, struct uuid *temp, uint8_t sha256[32],
                        uint64_t *size)
{
    struct spool_file *f = NULL;
    char block[COPY_BYTES];
    ssize_t n = 1;
    int err = spool_create(s->spool, &f);

    while (err == 0 && n > 0) {
        n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            n = 1; /* once more */
        else if (n < 0)
            err = disk_error(errno, "read");
        else if ((uint64_t)n > size_max - spool_size(f))
            err = ERR_TOOBIG;
        else
            err = spool_write(f, (struct span){block, (size_t)n});
    }
    if (err) {
        spool_drop(&f);
        return err;
    }
    *size = spool_size(f);
    return spool_finish(&f, temp, sha256);
}

static int folder_sync(int folder)
{
    return fsync(folder) ? disk_error(errno, "fsync-folder") : 0;
}

static int file_sync(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), err = 0;

    if (fd < 0)
        return disk_error(errno, "open");
    if (fsync(fd))
        err = disk_error(errno, "fsync");
    (void)close(fd);
    return err;
}

static int file_remove(int folder, const char *name)
{
    if (unlinkat(folder, name, 0))
        return errno == ENOENT ? 0 : disk_error(errno, "unlink");
    return folder_sync(folder);
}

/* ---- objects ---- */

/* Path below objects/: "ab/abcdef…"; the folder is its first two characters. */
static void object_path(const uint8_t sha256[32], char out[3 + HEX_BYTES])
{
    (void)crypt_hex((struct span){(const char *)sha256, 32}, out + 3, HEX_BYTES);
    out[0] = out[3];
    out[1] = out[4];
    out[2] = '/';
}

static int object_folder_open(struct store *s, const char *path, int *folder)
{
    const char name[] = {path[0], path[1], '\0'};

    return disk_folder_open_at(s->objects, name, folder);
}

/* The file in temp/ becomes the object. Two that do this at once both win: the bytes are the same. */
static int object_keep(struct store *s, const struct uuid *temp, const uint8_t sha256[32])
{
    char path[3 + HEX_BYTES], temp_name[37];
    int folder = -1, err;

    object_path(sha256, path);
    uuid_text(temp, temp_name);
    err = object_folder_open(s, path, &folder);
    if (err == 0)
        err = file_sync(s->temp, temp_name);
    if (err == 0 && renameat(s->temp, temp_name, folder, path + 3))
        err = disk_error(errno, "rename");
    if (err == 0)
        err = folder_sync(folder);
    if (err)
        spool_remove(s->spool, temp);
    if (folder >= 0)
        (void)close(folder);
    return err;
}

/* 0 when it is there, and sure to stay: whoever put it may not have synced the folder yet. */
static int object_confirm(struct store *s, const uint8_t sha256[32])
{
    char path[3 + HEX_BYTES];
    int folder, err = store_has(s, sha256);

    if (err)
        return err;
    object_path(sha256, path);
    err = object_folder_open(s, path, &folder);
    if (err)
        return err;
    err = folder_sync(folder);
    (void)close(folder);
    return err;
}

int store_put(struct store *s, struct span bytes, uint8_t sha256[32])
{
    struct spool_file *f;
    struct uuid temp;
    int err;

    crypt_sha256(bytes, sha256);
    err = object_confirm(s, sha256);
    if (err != ERR_NOTFOUND)
        return err;
    err = spool_create(s->spool, &f);
    if (err)
        return err;
    err = spool_write(f, bytes);
    if (err) {
        spool_drop(&f);
        return err;
    }
    err = spool_finish(&f, &temp, sha256);
    return err ? err : object_keep(s, &temp, sha256);
}

int store_put_fd(struct store *s, int fd, uint64_t size_max, uint8_t sha256[32], uint64_t *size)
{
    struct uuid temp;
    int err = copy_to_temp(s, fd, size_max, &temp, sha256, size);

    if (err)
        return err;
    err = object_confirm(s, sha256);
    if (err == ERR_NOTFOUND)
        return object_keep(s, &temp, sha256);
    spool_remove(s->spool, &temp);
    return err;
}

int store_get(struct store *s, const uint8_t sha256[32], int *fd, uint64_t *size)
{
    char path[3 + HEX_BYTES];

    object_path(sha256, path);
    return disk_read_open(s->objects, path, fd, size);
}

int store_has(struct store *s, const uint8_t sha256[32])
{
    char path[3 + HEX_BYTES];

    object_path(sha256, path);
    return faccessat(s->objects, path, R_OK, 0) == 0 ? 0 : disk_error(errno, "access");
}

int store_remove(struct store *s, const uint8_t sha256[32])
{
    char path[3 + HEX_BYTES];
    int folder, err = store_has(s, sha256);

    if (err)
        return err == ERR_NOTFOUND ? 0 : err;
    object_path(sha256, path);
    err = object_folder_open(s, path, &folder);
    if (err)
        return err;
    err = file_remove(folder, path + 3);
    (void)close(folder);
    return err;
}

/* ---- video files ---- */

/* out: the name, terminated. *folder: of the study; made when makes is true, else ERR_NOTFOUND when it is
 * missing. */
static int video_folder_open(struct store *s, const struct uuid *study, struct span name, bool makes,
                             int *folder, char out[NAME_MAX_BYTES + 1])
{
    char study_name[37];

    *folder = -1;
    if (!store_name_is_good(name))
        return ERR_INVALID;
    memcpy(out, name.p, name.n);
    out[name.n] = '\0';
    uuid_text(study, study_name);
    if (makes)
        return disk_folder_open_at(s->video, study_name, folder);
    *folder = openat(s->video, study_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *folder < 0 ? disk_error(errno, "open-folder") : 0;
}

/* Gives folder/name a second name that must be free; the first one goes after the second is safe.
 * ERR_CONFLICT when it is taken by another file; finding it taken by this very file is a step repeated after
 * a crash. */
static int name_move(int folder, const char *name, int new_folder, const char *new_name)
{
    struct stat a, b;
    int err = 0;

    if (linkat(folder, name, new_folder, new_name, 0)) {
        err = disk_error(errno, "link");
        if (err != ERR_CONFLICT)
            return err;
        if (fstatat(folder, name, &a, AT_SYMLINK_NOFOLLOW) ||
            fstatat(new_folder, new_name, &b, AT_SYMLINK_NOFOLLOW) || a.st_dev != b.st_dev ||
            a.st_ino != b.st_ino)
            return ERR_CONFLICT;
    }
    err = folder_sync(new_folder);
    return err ? err : file_remove(folder, name);
}

int store_video_put_fd(struct store *s, const struct uuid *study, struct span name, int fd, uint64_t size_max,
                       uint64_t *size)
{
    char text[NAME_MAX_BYTES + 1], temp_name[37];
    struct uuid temp;
    uint8_t sha256[32];
    int folder, err = video_folder_open(s, study, name, true, &folder, text);

    if (err)
        return err;
    err = copy_to_temp(s, fd, size_max, &temp, sha256, size);
    if (err == 0) {
        uuid_text(&temp, temp_name);
        err = file_sync(s->temp, temp_name);
        if (err == 0)
            err = name_move(s->temp, temp_name, folder, text);
        if (err)
            spool_remove(s->spool, &temp);
    }
    (void)close(folder);
    return err;
}

int store_video_get(struct store *s, const struct uuid *study, struct span name, int *fd, uint64_t *size)
{
    char text[NAME_MAX_BYTES + 1];
    int folder, err = video_folder_open(s, study, name, false, &folder, text);

    *fd = -1;
    if (err)
        return err;
    err = disk_read_open(folder, text, fd, size);
    (void)close(folder);
    return err;
}

int store_video_rewrite(struct store *s, const struct uuid *study, struct span name,
                        int (*rewrite)(int in, uint64_t size, int out, void *ctx), void *ctx)
{
    char text[NAME_MAX_BYTES + 1], temp_name[37];
    struct uuid temp = crypt_uuid();
    uint64_t size;
    int folder, in = -1, out = -1, err = video_folder_open(s, study, name, false, &folder, text);

    if (err)
        return err;
    uuid_text(&temp, temp_name);
    err = disk_read_open(folder, text, &in, &size);
    if (err == 0)
        err = disk_check_floor(s->temp, size, s->floor);
    if (err == 0) {
        out = openat(s->temp, temp_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        err = out < 0 ? disk_error(errno, "create") : rewrite(in, size, out, ctx);
    }
    if (err == 0 && fsync(out))
        err = disk_error(errno, "fsync");
    if (err == 0 && renameat(s->temp, temp_name, folder, text))
        err = disk_error(errno, "rename");
    if (err == 0)
        err = folder_sync(folder);
    else if (out >= 0)
        (void)unlinkat(s->temp, temp_name, 0); /* if it stays, the sweep of a later start takes it */
    if (out >= 0)
        (void)close(out);
    if (in >= 0)
        (void)close(in);
    (void)close(folder);
    return err;
}

int store_video_remove(struct store *s, const struct uuid *study, struct span name)
{
    char text[NAME_MAX_BYTES + 1];
    int folder, err = video_folder_open(s, study, name, false, &folder, text);

    if (err)
        return err == ERR_NOTFOUND ? 0 : err;
    err = file_remove(folder, text);
    (void)close(folder);
    return err;
}

/* ---- drafts ---- */

/* Replaces what lies behind at by the bytes, and syncs. */
/* n bytes from one file to the end of another, inside the kernel. */
static int bytes_move(int from, int to, uint64_t n)
{
    while (n) {
        ssize_t done = sendfile(to, from, NULL, n < SENDFILE_MAX ? (size_t)n : SENDFILE_MAX);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return disk_error(errno, "sendfile");
        if (done == 0)
            return ERR_MALFORMED; /* from is shorter than was said */
        n -= (uint64_t)done;
    }
    return 0;
}

/* Under the file's lock: two who append at once must not both find the same end. */
static int draft_write(int fd, uint64_t at, int from, uint64_t n, uint64_t *size)
{
    struct stat st;
    int err;

    if (flock(fd, LOCK_EX) || fstat(fd, &st))
        return disk_error(errno, "lock");
    *size = (uint64_t)st.st_size;
    if (at != *size)
        return ERR_CONFLICT;
    if (lseek(fd, (off_t)at, SEEK_SET) < 0)
        return disk_error(errno, "seek");
    err = bytes_move(from, fd, n);
    if (err == 0 && fdatasync(fd))
        err = disk_error(errno, "fdatasync");
    if (err == 0)
        *size = at + n;
    else if (ftruncate(fd, (off_t)at))
        (void)disk_error(errno, "truncate"); /* what is too much is still the client's own bytes */
    return err;
}

int store_draft_append(struct store *s, const struct uuid *draft, uint64_t at, int from, uint64_t n,
                       uint64_t *size)
{
    char name[37];
    int fd, err;

    *size = 0;
    if (n > INT64_MAX || at > INT64_MAX - n)
        return ERR_TOOBIG;
    err = disk_check_floor(s->drafts, n, s->floor);
    if (err)
        return err;
    uuid_text(draft, name);
    fd = openat(s->drafts, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (at == 0 ? O_CREAT : 0), 0600);
    if (fd < 0)
        return errno == ENOENT ? ERR_CONFLICT : disk_error(errno, "create");
    err = draft_write(fd, at, from, n, size);
    if (err == 0 && at == 0)
        err = folder_sync(s->drafts);
    (void)close(fd);
    return err;
}

int store_draft_get(struct store *s, const struct uuid *draft, int *fd, uint64_t *size)
{
    char name[37];

    uuid_text(draft, name);
    return disk_read_open(s->drafts, name, fd, size);
}

int store_draft_age(struct store *s, const struct uuid *draft, uint64_t *size, int64_t *age_s)
{
    char name[37];
    struct stat st;

    uuid_text(draft, name);
    if (fstatat(s->drafts, name, &st, AT_SYMLINK_NOFOLLOW))
        return disk_error(errno, "stat");
    *size = (uint64_t)st.st_size;
    *age_s = clock_us() / 1000000 - (int64_t)st.st_mtim.tv_sec;
    return 0;
}

int store_draft_keep(struct store *s, const struct uuid *draft, const struct uuid *study, struct span name)
{
    char text[NAME_MAX_BYTES + 1], draft_name[37];
    int folder, err = video_folder_open(s, study, name, true, &folder, text);

    if (err)
        return err;
    uuid_text(draft, draft_name);
    err = name_move(s->drafts, draft_name, folder, text);
    if (err == ERR_NOTFOUND)
        err = faccessat(folder, text, R_OK, 0) == 0 ? folder_sync(folder) : disk_error(errno, "access");
    (void)close(folder);
    return err;
}

int store_draft_remove(struct store *s, const struct uuid *draft)
{
    char name[37];

    uuid_text(draft, name);
    return file_remove(s->drafts, name);
}
