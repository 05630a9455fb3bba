#include "postgres.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "errors.h"
#include "log.h"

enum {
    TOOL_MS = 120000,  /* initdb on a slow disk */
    READY_MS = 120000, /* includes redo after a crash */
    STOP_MS = 60000,
    LEFTOVER_MS = 15000,
    PAUSE_MIN_MS = 100,
    PAUSE_MAX_MS = 10000,
    FIRST_TRIES = 4, /* of the first start: what a crash left behind may need a moment to go */
    LOG_MAX = 8 << 20,
};

struct postgres {
    char bin[FILE_PATH_MAX];
    char folder[FILE_PATH_MAX]; /* DATA/postgres */
    char run[FILE_PATH_MAX];    /* DATA/run: the socket */
    char log[FILE_PATH_MAX];    /* DATA/log/postgres.log */
    pid_t pid;                  /* 0: does not run */
    int64_t started_ms;         /* clock_mono_ms */
    int64_t due_ms;             /* of the next start when it does not run */
    int64_t pause_ms;           /* before the next start */
};

#define SAY(err, ...) (snprintf(why, WHY_SIZE, __VA_ARGS__), (err))

static void nap(int64_t ms)
{
    (void)nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- small files
 * -------------------------------------------------------------------------------------------------- */

/* Line number `line` (from 1) of dir/name, without its end; "" when there is none. */
static void read_line(const char *dir, const char *name, int line, char out[FILE_PATH_MAX])
{
    char path[FILE_PATH_MAX];
    FILE *f;
    bool is_there = true;

    home_file(path, dir, name);
    f = fopen(path, "re");
    while (f && is_there && line-- > 0)
        is_there = fgets(out, FILE_PATH_MAX, f);
    if (!f || !is_there)
        out[0] = '\0';
    if (f)
        (void)fclose(f);
    out[strcspn(out, "\n")] = '\0';
}

static int write_file(const char *dir, const char *name, const char *text, char why[WHY_SIZE])
{
    char path[FILE_PATH_MAX];
    FILE *f;
    bool is_bad;

    home_file(path, dir, name);
    f = fopen(path, "we");
    is_bad = !f || fputs(text, f) < 0;
    if (f && fclose(f))
        is_bad = true;
    return is_bad
               ? SAY(errno == ENOSPC ? ERR_FULL : ERR_DENIED, "Cannot write %s: %s.", path, strerror(errno))
               : 0;
}

/* Opened anew for each start, so that a file that grew too long can be set aside. -1 when it cannot be
 * written. */
static int log_open(const struct postgres *p)
{
    char old[FILE_PATH_MAX + 4];
    struct stat st;

    if (!stat(p->log, &st) && st.st_size > LOG_MAX) {
        (void)snprintf(old, sizeof old, "%s.1", p->log);
        (void)rename(p->log, old);
    }
    return open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* What the server or a tool said last. */
static const char *log_last(const struct postgres *p, char last[FILE_PATH_MAX])
{
    char line[FILE_PATH_MAX];
    FILE *f = fopen(p->log, "re");

    (void)snprintf(last, FILE_PATH_MAX, "no word in %.180s", p->log);
    if (!f)
        return last;
    (void)fseek(f, -2000, SEEK_END); /* fails on a short file, which is read whole */
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0])
            (void)snprintf(last, FILE_PATH_MAX, "%s", line);
    }
    (void)fclose(f);
    return last;
}

/* ---- the cluster
 * -------------------------------------------------------------------------------------------------- */

static int find_bin(struct postgres *p, const char *chosen, char why[WHY_SIZE])
{
    char version[FILE_PATH_MAX];
    char program[FILE_PATH_MAX];
    long best = 0;
    glob_t found;

    read_line(p->folder, "PG_VERSION", 1, version);
    if (!chosen[0] && !version[0] && !glob("/usr/lib/postgresql/*", 0, NULL, &found)) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            long n = strtol(strrchr(found.gl_pathv[i], '/') + 1, NULL, 10);

            best = n > best ? n : best;
        }
        globfree(&found);
        (void)snprintf(version, sizeof version, "%ld", best);
    }
    if (chosen[0] && strlen(chosen) > HOME_PATH_MAX)
        return SAY(ERR_INVALID, "The path of PostgreSQL's programs is longer than %d bytes.", HOME_PATH_MAX);
    (void)snprintf(p->bin, sizeof p->bin, chosen[0] ? "%.80s" : "/usr/lib/postgresql/%.10s/bin",
                   chosen[0] ? chosen : version);
    home_file(program, p->bin, "postgres");
    if (access(program, X_OK))
        return SAY(ERR_INVALID,
                   "PostgreSQL%s%.10s is not installed (%s is missing): install it, or give --database-url.",
                   version[0] ? " " : "", version, program);
    return 0;
}

/* Runs a program to its end. */
static int tool(const struct postgres *p, const char *const *argv, char why[WHY_SIZE])
{
    int log = log_open(p);
    struct child what = {.argv = argv, .output = log, .death_signal = SIGKILL};
    char last[FILE_PATH_MAX];
    int status = -1;
    pid_t pid;

    if (log == -1)
        return SAY(errno == ENOSPC ? ERR_FULL : ERR_DENIED, "Cannot write %s: %s.", p->log, strerror(errno));
    if (child_start(&what, &pid) == 0 && !child_ended(pid, TOOL_MS, &status)) {
        (void)kill(pid, SIGKILL);
        (void)child_ended(pid, TOOL_MS, &status);
    }
    (void)close(log);
    if (status == 0)
        return 0;
    return SAY(strstr(log_last(p, last), "No space left") ? ERR_FULL : ERR_INVALID, "%s failed: %s", argv[0],
               last);
}

/* In a folder beside it, renamed when complete: an interrupted first start leaves nothing half made. */
static int cluster_make(const struct postgres *p, char why[WHY_SIZE])
{
    char half[FILE_PATH_MAX + 4];
    char initdb[FILE_PATH_MAX];
    const char *const clear[] = {"/bin/rm", "-rf", half, NULL};
    const char *const make[] = {initdb,
                                "-D",
                                half,
                                "-U",
                                "lookit",
                                "-A",
                                "peer",
                                "-E",
                                "UTF8",
                                "--locale=C.UTF-8",
                                "--data-checksums",
                                "--no-instructions",
                                NULL};
    int err;

    (void)snprintf(half, sizeof half, "%s.new", p->folder);
    home_file(initdb, p->bin, "initdb");
    err = tool(p, clear, why);
    if (!err)
        err = tool(p, make, why);
    if (!err && rename(half, p->folder))
        err = SAY(ERR_INVALID, "Cannot rename %s: %s.", half, strerror(errno));
    return err;
}

/* Our own user and root are the role "lookit", nobody else gets in. Written anew each time: the folder may
 * have changed hands. */
static int cluster_doors(const struct postgres *p, char why[WHY_SIZE])
{
    const struct passwd *me = getpwuid(geteuid());
    char ident[FILE_PATH_MAX];
    int err = write_file(p->folder, "pg_hba.conf", "local all all peer map=lookit\n", why);

    if (!err && !me)
        err =
            SAY(ERR_INVALID,
                "User %u has no name on this machine, and PostgreSQL needs one; give --database-url instead.",
                (unsigned)geteuid());
    if (err)
        return err;
    (void)snprintf(ident, sizeof ident, "lookit \"%.64s\" lookit\nlookit root lookit\n", me->pw_name);
    return write_file(p->folder, "pg_ident.conf", ident, why);
}

/* ---- the server
 * --------------------------------------------------------------------------------------------------- */

/* Does this process work in our cluster? (The server does; a zombie works nowhere.) */
static bool is_ours(const struct postgres *p, long pid)
{
    char link[FILE_PATH_MAX];
    char cwd[FILE_PATH_MAX];
    ssize_t n;

    (void)snprintf(link, sizeof link, "/proc/%ld/cwd", pid);
    n = readlink(link, cwd, sizeof cwd - 1);
    cwd[n > 0 ? n : 0] = '\0';
    return !strcmp(cwd, p->folder);
}

/* A server that outlived a crash of ours is ended; a file that only looks as if one ran (the number is
 * another process's today) is removed, since PostgreSQL would refuse to start. The lock of the data folder is
 * ours, so nobody else can want it. */
static void settle(const struct postgres *p)
{
    int64_t until = clock_mono_ms() + LEFTOVER_MS;
    char text[FILE_PATH_MAX];
    long pid;

    read_line(p->folder, "postmaster.pid", 1, text);
    pid = strtol(text, NULL, 10);
    if (pid <= 1)
        return;
    if (!is_ours(p, pid)) {
        home_file(text, p->folder, "postmaster.pid");
        (void)unlink(text);
        return;
    }
    log_warn("postgres-leftover", "pid=%ld", pid);
    (void)kill((pid_t)pid, SIGINT);
    while (is_ours(p, pid) && clock_mono_ms() < until)
        nap(10);
    if (is_ours(p, pid))
        (void)kill((pid_t)pid, SIGQUIT);
}

static int launch(struct postgres *p)
{
    char program[FILE_PATH_MAX];
    const char *const argv[] = {program, "-D", p->folder, "-k", p->run, "-c", "listen_addresses=", "-c",
                                "unix_socket_permissions=0700", "-c", "timezone=UTC", "-c",
                                "jit=off", /* short statements: compiling them costs more than it gains */
                                /* Never a value of a row in the log: no statement text, no detail. */
                                "-c", "log_min_messages=log", "-c", "log_min_error_statement=panic", "-c",
                                "log_error_verbosity=terse", "-c", "log_checkpoints=off", NULL};
    int log = log_open(p);
    struct child what = {.argv = argv, .output = log, .death_signal = SIGINT};
    int err;

    home_file(program, p->bin, "postgres");
    if (log == -1)
        return errno == ENOSPC ? ERR_FULL : ERR_DENIED;
    settle(p);
    err = child_start(&what, &p->pid);
    p->started_ms = clock_mono_ms();
    (void)close(log);
    if (err)
        p->pid = 0;
    return err;
}

/* As pg_ctl does: the server writes its state into line 8 of its pid file. */
static bool is_ready(const struct postgres *p)
{
    char line[FILE_PATH_MAX];

    read_line(p->folder, "postmaster.pid", 1, line);
    if (strtol(line, NULL, 10) != (long)p->pid)
        return false;
    read_line(p->folder, "postmaster.pid", 8, line);
    return strncmp(line, "ready", 5) == 0;
}

static int first_start(struct postgres *p, char why[WHY_SIZE])
{
    int64_t until = clock_mono_ms() + READY_MS;
    char last[FILE_PATH_MAX];
    int status;

    for (int i = 0; i < FIRST_TRIES; i++) {
        int err = launch(p);

        if (err)
            return SAY(err, "Cannot start PostgreSQL: %s.", err_doc(err));
        while (!child_ended(p->pid, 3, &status) && clock_mono_ms() < until)
            if (is_ready(p))
                return 0;
        if (clock_mono_ms() >= until)
            break;
        p->pid = 0;
        nap(PAUSE_MIN_MS << i);
    }
    return SAY(strstr(log_last(p, last), "No space left") ? ERR_FULL : ERR_AWAY,
               "PostgreSQL does not start: %s", last);
}

int postgres_start(struct postgres **out, const char *data, const char *bin, char why[WHY_SIZE])
{
    struct postgres *p = calloc(1, sizeof *p);
    char version[FILE_PATH_MAX];
    int err;

    MUST(p);
    home_file(p->folder, data, "postgres");
    home_file(p->run, data, "run");
    home_file(p->log, data, "log/postgres.log");
    p->pause_ms = PAUSE_MIN_MS;
    read_line(p->folder, "PG_VERSION", 1, version);
    err = find_bin(p, bin, why);
    if (!err && !version[0])
        err = cluster_make(p, why);
    if (!err)
        err = cluster_doors(p, why);
    if (!err)
        err = first_start(p, why);
    *out = p;
    if (err)
        postgres_stop(out);
    return err;
}

int64_t postgres_watch(struct postgres *p)
{
    int64_t now = clock_mono_ms();
    int status;

    if (p->pid && child_ended(p->pid, 0, &status)) {
        if (now - p->started_ms > 6 * PAUSE_MAX_MS)
            p->pause_ms = PAUSE_MIN_MS;
        log_error("postgres-ended", "pid=%ld status=%d again_ms=%ld", (long)p->pid, status,
                  (long)p->pause_ms);
        p->pid = 0;
        p->due_ms = now + p->pause_ms;
    }
    if (p->pid)
        return -1;
    if (now < p->due_ms)
        return p->due_ms - now;
    p->due_ms = now + p->pause_ms;
    p->pause_ms = p->pause_ms * 2 < PAUSE_MAX_MS ? p->pause_ms * 2 : PAUSE_MAX_MS;
    return launch(p) ? p->due_ms - now : -1;
}

void postgres_stop(struct postgres **p)
{
    int status;

    if (!*p)
        return;
    if ((*p)->pid) {
        (void)kill((*p)->pid, SIGINT);
        if (!child_ended((*p)->pid, STOP_MS, &status)) {
            log_error("postgres-stop-late", "pid=%ld", (long)(*p)->pid);
            (void)kill((*p)->pid, SIGQUIT);
            (void)child_ended((*p)->pid, PAUSE_MAX_MS, &status);
        }
    }
    free(*p);
    *p = NULL;
}

int postgres_check(const char *data, const char *bin, char why[WHY_SIZE])
{
    struct postgres p = {0};

    home_file(p.folder, data, "postgres");
    return find_bin(&p, bin, why);
}

/* The database is the one that initdb makes. Values in quotes, quotes and backslashes escaped (libpq,
 * "Connection Strings"). */
void postgres_conninfo(const char *data, char out[CONNINFO_SIZE])
{
    char run[FILE_PATH_MAX];
    char *at = out + snprintf(out, CONNINFO_SIZE, "user=lookit dbname=postgres host='");

    home_file(run, data, "run");
    for (const char *c = run; *c; c++) {
        if (*c == '\'' || *c == '\\')
            *at++ = '\\';
        *at++ = *c;
    }
    *at++ = '\'';
    *at = '\0';
}
