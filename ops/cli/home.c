#define _DEFAULT_SOURCE /* setgroups(2) */
#include "home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "errors.h"
#include "log.h"

/* A fresh database takes 40 MB, its first log segments as much again; one that exists only needs the next
 * segment. */
static const uint64_t room_fresh = 160U << 20;
static const uint64_t room_again = 24U << 20;

#define SAY(err, ...) (snprintf(why, WHY_SIZE, __VA_ARGS__), (err))

void home_file(char out[FILE_PATH_MAX], const char *dir, const char *name)
{
    int n = snprintf(out, FILE_PATH_MAX, "%s/%s", dir, name);

    MUST(n > 0 && n < FILE_PATH_MAX);
}

int home_path(const char *chosen, char path[HOME_PATH_MAX + 1], char why[WHY_SIZE])
{
    const char *xdg = getenv("XDG_DATA_HOME");
    const char *user = getenv("HOME");
    char here[PATH_MAX] = "";
    int n;

    if (chosen[0] == '/')
        n = snprintf(path, HOME_PATH_MAX + 1, "%s", chosen);
    else if (chosen[0])
        n = snprintf(path, HOME_PATH_MAX + 1, "%s/%s", getcwd(here, sizeof here) ? here : ".", chosen);
    else if (geteuid() == 0)
        n = snprintf(path, HOME_PATH_MAX + 1, "/var/lib/lookit");
    else if (xdg && xdg[0] == '/')
        n = snprintf(path, HOME_PATH_MAX + 1, "%s/lookit", xdg);
    else if (user && user[0] == '/')
        n = snprintf(path, HOME_PATH_MAX + 1, "%s/.local/share/lookit", user);
    else
        return SAY(ERR_INVALID, "Where shall the data lie? Neither --data nor HOME says.");
    if (n > HOME_PATH_MAX)
        return SAY(
            ERR_INVALID,
            "The path of the data folder is longer than %d bytes; names of sockets below it must stay short.",
            HOME_PATH_MAX);
    return 0;
}

static int failed(const char *doing, const char *path, char why[WHY_SIZE])
{
    int e = errno;

    if (e == ENOSPC || e == EDQUOT)
        return SAY(ERR_FULL, "No room is left on the disk that holds %s; free some and start again.", path);
    return SAY(e == EACCES || e == EPERM ? ERR_DENIED : ERR_INVALID, "Cannot %s %s: %s.", doing, path,
               strerror(e));
}

/* Every missing folder of an absolute path; the last one is private. */
static int make_path(const char *path, char why[WHY_SIZE])
{
    char part[HOME_PATH_MAX + 1];
    size_t n = strlen(path);

    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, i == n ? 0700 : 0755) && errno != EEXIST)
            return failed("make the folder", part, why);
    }
    return 0;
}

/* Only an empty folder is given away; one that a fresh disk is mounted on counts as empty. */
static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *e = NULL;

    if (!dir)
        return false;
    do
        e = readdir(dir);
    while (e && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || !strcmp(e->d_name, "lost+found")));
    (void)closedir(dir);
    return !e;
}

/* Nothing of the service needs root, and PostgreSQL refuses it. */
static int become_owner(const char *data, char why[WHY_SIZE])
{
    const struct passwd *owner;
    struct stat st;

    if (stat(data, &st))
        return failed("look at", data, why);
    owner = st.st_uid ? getpwuid(st.st_uid) : getpwnam("lookit");
    if (!owner)
        return st.st_uid
                   ? SAY(ERR_INVALID, "%s belongs to user %u, who has no name on this machine.", data,
                         (unsigned)st.st_uid)
                   : SAY(ERR_INVALID,
                         "Started as root, the service goes on as the user lookit, who does not exist yet: "
                         "useradd --system --user-group lookit (ops/run does it).");
    if (st.st_uid == 0 && !is_empty(data))
        return SAY(ERR_DENIED,
                   "%s belongs to root and is not empty; give it to the user lookit: chown -R lookit: %s",
                   data, data);
    if (st.st_uid == 0 && (chown(data, owner->pw_uid, owner->pw_gid) || chmod(data, 0700)))
        return failed("give to lookit the folder", data, why);
    if (setgroups(0, NULL) || setgid(owner->pw_gid) || setuid(owner->pw_uid))
        return failed("become", owner->pw_name, why);
    (void)prctl(PR_SET_DUMPABLE, 1); /* else /proc/self would stay root's */
    return 0;
}

static int take_lock(struct home *h, char why[WHY_SIZE])
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[FILE_PATH_MAX];

    home_file(path, h->data, "lock");
    h->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (h->lock == -1)
        return failed("open", path, why);
    if (!fcntl(h->lock, F_SETLK, &lock))
        return 0;
    if (errno != EACCES && errno != EAGAIN)
        return failed("lock", path, why);
    (void)fcntl(h->lock, F_GETLK, &lock);
    return SAY(ERR_CONFLICT, "Another lookit (process %ld) already runs on %s.", (long)lock.l_pid, h->data);
}

static int check_room(const struct home *h, char why[WHY_SIZE])
{
    char path[FILE_PATH_MAX];
    struct statvfs disk;
    uint64_t left;
    uint64_t need;

    home_file(path, h->data, "postgres/PG_VERSION");
    need = access(path, F_OK) ? room_fresh : room_again;
    if (statvfs(h->data, &disk))
        return failed("look at", h->data, why);
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left >= need)
        return 0;
    return SAY(ERR_FULL, "The disk that holds %s is full: %u MB are free and %u MB are needed to start.",
               h->data, (unsigned)(left >> 20), (unsigned)(need >> 20));
}

int home_open(struct home *h, const char *chosen, char why[WHY_SIZE])
{
    static const char *const below[] = {"run", "log"};
    char wanted[HOME_PATH_MAX + 1];
    char path[PATH_MAX];
    bool was_root = geteuid() == 0;
    int err = home_path(chosen, wanted, why);

    h->lock = -1;
    if (!err)
        err = make_path(wanted, why);
    if (!err && !realpath(wanted, path))
        err = failed("find", wanted, why);
    if (!err)
        err = home_path(path, h->data, why);
    if (!err && was_root)
        err = become_owner(h->data, why);
    if (!err && (access(h->data, R_OK | W_OK | X_OK) || chdir(h->data)))
        err = was_root ? SAY(ERR_DENIED,
                             "Started as root, the service goes on as another user, who cannot get into %s: "
                             "a folder above it is closed.",
                             h->data)
                       : failed("work in", h->data, why);
    if (!err)
        err = take_lock(h, why);
    if (!err)
        err = check_room(h, why);
    for (size_t i = 0; !err && i < sizeof below / sizeof *below; i++) {
        home_file(path, h->data, below[i]);
        if (mkdir(path, 0700) && errno != EEXIST)
            err = failed("make the folder", path, why);
    }
    if (err)
        home_close(h);
    return err;
}

void home_close(struct home *h)
{
    if (h->lock != -1)
        (void)close(h->lock);
    h->lock = -1;
}
