/* bus: the house starts and stops: hub, then replicas. See house.h for who shares what. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "house.h"
#include "ticket.h"

#define QUEUE_STANDARD 256u
#define START_MAX_S 60
#define STOP_MAX_S 12 /* the hub gives up after 11 */
#define REPLICAS_MAX 256

/* ---- connections
 * ---------------------------------------------------------------------------------------------------- */

int bus_node_open(struct bus *b, const char *name, struct node **n)
{
    char ticket[TICKET_MAX];
    size_t size = ticket_write(b->secret, name, atomic_fetch_add(&b->tickets, 1), ticket);
    struct node_options options = {.context = b->context, .endpoint = b->endpoint, .ticket = {ticket, size}};

    options.spool_dir = b->spool_dir[0] ? b->spool_dir : NULL;
    return node_open(n, &options);
}

bool house_is_there(const char *run_dir, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int n = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.ipc", run_dir, name);
    bool is_there = false;
    int fd;

    if (n < 0 || (size_t)n >= sizeof address.sun_path)
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0) {
        is_there = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
        (void)close(fd);
    }
    return is_there;
}

/* Signals belong to the thread that started the house. */
int bus_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
    sigset_t all, before;
    int rc;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(thread, NULL, fn, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc ? ERR_FULL : 0;
}

/* ---- folders
 * -------------------------------------------------------------------------------------------------------- */

static int path_set(char out[PATH_BYTES], const char *format, const char *value)
{
    int n = snprintf(out, PATH_BYTES, format, value);

    return n > 0 && n < PATH_BYTES ? 0 : ERR_TOOBIG;
}

/* Whoever can open this folder is an operator, so it must be ours alone. */
static int run_dir_make(struct bus *b)
{
    struct stat st;
    int fd;

    TRY(disk_folder_open(b->run_dir, &fd));
    (void)close(fd);
    if (lstat(b->run_dir, &st) || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077)) {
        log_error("run-dir", "path=%s why=must-be-a-folder-of-ours-with-mode-0700", b->run_dir);
        return ERR_DENIED;
    }
    return house_is_there(b->run_dir, "ops") ? ERR_CONFLICT : 0;
}

/* Nodes open it on their first need; here its trouble shows at the start. */
static int spool_make(const struct bus *b)
{
    struct spool *s;

    TRY(spool_open(&s, b->spool_dir, 0));
    spool_close(&s);
    return 0;
}

/* Ports of other processes know the run_dir only: they find the spool as run_dir/spool. */
static int spool_link(const struct bus *b)
{
    char link[PATH_BYTES + 8];

    (void)snprintf(link, sizeof link, "%s/spool", b->run_dir);
    if (strcmp(link, b->spool_dir) == 0)
        return 0;
    if (unlink(link) && errno != ENOENT)
        return ERR_CONFLICT; /* a folder with things in it */
    return symlink(b->spool_dir, link) ? ERR_AWAY : 0;
}

static int folders_make(struct bus *b)
{
    const struct bus_options *o = &b->options;

    if (o->run_dir) {
        TRY(path_set(b->run_dir, "%s", o->run_dir));
        TRY(run_dir_make(b));
    }
    if (o->spool_dir)
        TRY(path_set(b->spool_dir, "%s", o->spool_dir));
    else if (o->run_dir)
        TRY(path_set(b->spool_dir, "%s/spool", o->run_dir));
    if (b->spool_dir[0])
        TRY(spool_make(b));
    return o->run_dir ? spool_link(b) : 0;
}

/* ---- who runs
 * ------------------------------------------------------------------------------------------------------- */

static bool word_is_in(const char *words, const char *word, size_t n)
{
    for (const char *p = words; *p;) {
        size_t length = strcspn(p, " ,");
        if (length == n && memcmp(p, word, n) == 0)
            return true;
        p += length;
        p += strspn(p, " ,");
    }
    return false;
}

static bool is_wanted(const char *wanted, const char *roles)
{
    if (word_is_in(wanted, "all", 3))
        return true;
    for (const char *p = roles; *p;) {
        size_t length = strcspn(p, " ,");
        if (length && word_is_in(wanted, p, length))
            return true;
        p += length;
        p += strspn(p, " ,");
    }
    return false;
}

static int replicas_of(const struct bus *b, const struct roster_entry *entry)
{
    char key[64];

    if (!b->options.conf)
        return entry->replicas;
    (void)snprintf(key, sizeof key, "%s-replicas", entry->def->name);
    return (int)conf_int(b->options.conf, key);
}

static void roster_read(struct bus *b)
{
    b->replica = calloc(REPLICAS_MAX, sizeof *b->replica);
    MUST(b->replica && "memory");
    for (const struct roster_entry *entry = b->options.roster; entry && entry->def; entry++) {
        int n = is_wanted(b->options.roles ? b->options.roles : "all", entry->roles ? entry->roles : "")
                    ? replicas_of(b, entry)
                    : 0;
        for (int i = 0; i < n; i++) {
            MUST(b->replica_n < REPLICAS_MAX);
            b->replica[b->replica_n++] = (struct replica){.bus = b, .def = entry->def, .number = i};
        }
    }
}

/* ---- start
 * ----------------------------------------------------------------------------------------------------------
 */

static void replica_is_ready(void *bus)
{
    struct gate *gate = &((struct bus *)bus)->gate;

    (void)pthread_mutex_lock(&gate->lock);
    gate->ready++;
    (void)pthread_cond_broadcast(&gate->changed);
    (void)pthread_mutex_unlock(&gate->lock);
}

static int started_count(const struct bus *b)
{
    int n = 0;

    for (int i = 0; i < b->replica_n; i++)
        n += b->replica[i].is_started;
    return n;
}

static bool replicas_have_ended(void *bus)
{
    struct bus *b = bus;
    bool has_ended;

    (void)pthread_mutex_lock(&b->gate.lock);
    has_ended = b->gate.ended == started_count(b);
    (void)pthread_mutex_unlock(&b->gate.lock);
    return has_ended;
}

static void *hub_thread(void *bus)
{
    struct bus *b = bus;

    hub_run(b->hub);
    (void)pthread_mutex_lock(&b->gate.lock);
    b->gate.is_hub_over = true;
    (void)pthread_cond_broadcast(&b->gate.changed);
    (void)pthread_mutex_unlock(&b->gate.lock);
    return NULL;
}

static int hub_start(struct bus *b)
{
    struct hub_options options = {.context = b->context,
                                  .inside = b->endpoint,
                                  .secret = b->secret,
                                  .ctx = b,
                                  .queue_max = b->options.queue_max ? b->options.queue_max : QUEUE_STANDARD,
                                  .on_ready = replica_is_ready,
                                  .is_empty = replicas_have_ended};

    options.run_dir = b->run_dir[0] ? b->run_dir : NULL;
    options.spool_dir = b->spool_dir[0] ? b->spool_dir : NULL;
    TRY(hub_open(&b->hub, &options));
    TRY(bus_node_open(b, "house", &b->node));
    TRY(bus_thread(&b->hub_thread, hub_thread, b));
    b->is_hub_started = true;
    return 0;
}

static struct timespec deadline_in(int seconds)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += seconds;
    return t;
}

static int ready_wait(struct bus *b, int started)
{
    struct timespec until = deadline_in(START_MAX_S);
    int rc = 0, err;

    (void)pthread_mutex_lock(&b->gate.lock);
    while (!rc && !b->gate.failed && b->gate.ready < started)
        rc = pthread_cond_timedwait(&b->gate.changed, &b->gate.lock, &until);
    err = b->gate.failed ? b->gate.failed : rc ? ERR_LATE : 0;
    (void)pthread_mutex_unlock(&b->gate.lock);
    if (err == ERR_LATE)
        log_error("bus-start-late", "ready=%d of=%d", b->gate.ready, started);
    return err;
}

static int replicas_start(struct bus *b)
{
    for (int i = 0; i < b->replica_n; i++) {
        TRY(bus_thread(&b->replica[i].thread, replica_run, &b->replica[i]));
        b->replica[i].is_started = true;
    }
    return ready_wait(b, b->replica_n);
}

static void gate_init(struct gate *gate)
{
    pthread_condattr_t attributes;

    (void)pthread_mutex_init(&gate->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&gate->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

int bus_start(struct bus **b, const struct bus_options *options)
{
    struct bus *made = calloc(1, sizeof *made);
    int err;

    MUST(made && "memory");
    made->options = *options;
    gate_init(&made->gate);
    crypt_random(made->secret, sizeof made->secret);
    made->context = node_context_new();
    (void)snprintf(made->endpoint, sizeof made->endpoint, "inproc://hub");
    err = folders_make(made);
    if (!err)
        err = hub_start(made);
    if (!err) {
        roster_read(made);
        err = replicas_start(made);
    }
    if (err)
        bus_stop(&made);
    *b = made;
    return err;
}

/* ---- stop
 * -----------------------------------------------------------------------------------------------------------
 */

static bool ending_wait(struct bus *b)
{
    struct timespec until = deadline_in(STOP_MAX_S);
    int started = started_count(b), rc = 0;
    bool is_over;

    (void)pthread_mutex_lock(&b->gate.lock);
    while (!rc && (b->gate.ended < started || !b->gate.is_hub_over))
        rc = pthread_cond_timedwait(&b->gate.changed, &b->gate.lock, &until);
    is_over = b->gate.ended == started && b->gate.is_hub_over;
    (void)pthread_mutex_unlock(&b->gate.lock);
    return is_over;
}

static bool threads_end(struct bus *b)
{
    struct arena *a = arena_new();
    struct envelope e = {.kind = MESSAGE_EVENT};
    int err = node_send(b->node, a, &e, &MESSAGE_ctl_stop, &(struct ctl_stop){0}, true);

    arena_free(&a);
    if (err || !ending_wait(b))
        return false;
    for (int i = 0; i < b->replica_n; i++)
        if (b->replica[i].is_started)
            (void)pthread_join(b->replica[i].thread, NULL);
    (void)pthread_join(b->hub_thread, NULL);
    return true;
}

void bus_stop(struct bus **b)
{
    struct bus *old = *b;

    if (!old)
        return;
    *b = NULL;
    MUST(atomic_load(&old->ports) == 0);
    if (old->is_hub_started && !threads_end(old)) {
        log_error("replica-lost", "ended=%d of=%d", old->gate.ended, old->replica_n);
        return; /* its memory stays: a thread still lives in it */
    }
    node_close(&old->node);
    hub_close(&old->hub);
    node_context_free(&old->context);
    (void)pthread_cond_destroy(&old->gate.changed);
    (void)pthread_mutex_destroy(&old->gate.lock);
    free(old->replica);
    free(old);
}
