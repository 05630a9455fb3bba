/* bus: the house starts and stops: hub, then replicas. See house.h for who shares what. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "disk.h"
#include "house.h"
#include "ticket.h"

#define QUEUE_STANDARD 256u
#define START_MAX_MS 60000
#define STOP_MAX_MS 12000 /* the hub waits 10 s for what is in hand */
#define REPLICAS_MAX 256

/* ---- connections
 * ---------------------------------------------------------------------------------------------------- */

int bus_node_open(struct bus *b, const char *name, struct node **n)
{
    char ticket[TICKET_MAX];
    size_t size = ticket_write(b->secret, name, atomic_fetch_add(&b->tickets, 1), ticket);
    struct node_options options = {.endpoint = b->endpoint, .ticket = {ticket, size}};

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

static int hub_start(struct bus *b)
{
    struct hub_options *o = &b->hub_options;
    int err, late;

    o->inside = b->endpoint;
    o->secret = b->secret;
    o->queue_max = b->options.queue_max ? b->options.queue_max : QUEUE_STANDARD;
    o->run_dir = b->run_dir[0] ? b->run_dir : NULL;
    o->spool_dir = b->spool_dir[0] ? b->spool_dir : NULL;
    b->hub = actor_start(hub_run, o);
    late = actor_hear(b->hub, INT64_MAX, &err); /* it waits for nobody */
    if (!late && !err)
        return 0;
    MUST(!late && actor_end(&b->hub, INT64_MAX));
    return err;
}

/* How its start went. */
static int replica_hear(struct replica *r, int64_t deadline_ms)
{
    int err;

    TRY(actor_hear(r->actor, deadline_ms, &err));
    r->has_said_start = true;
    return err;
}

/* All at once; then each says how it went, and the hub that it knows each. */
static int replicas_start(struct bus *b)
{
    int64_t deadline_ms = clock_mono_ms() + START_MAX_MS;
    int err = 0, known = 0, word;

    for (int i = 0; i < b->replica_n; i++)
        b->replica[i].actor = actor_start(replica_run, &b->replica[i]);
    for (int i = 0; i < b->replica_n && !err; i++)
        err = replica_hear(&b->replica[i], deadline_ms);
    for (; known < b->replica_n && !err; known += !err)
        err = actor_hear(b->hub, deadline_ms, &word);
    if (err == ERR_LATE)
        log_error("bus-start-late", "known=%d of=%d", known, b->replica_n);
    return err;
}

int bus_start(struct bus **b, const struct bus_options *options)
{
    static atomic_uint houses;
    struct bus *made = calloc(1, sizeof *made);
    int err;

    MUST(made && "memory");
    node_init();
    made->options = *options;
    crypt_random(made->secret, sizeof made->secret);
    (void)snprintf(made->endpoint, sizeof made->endpoint, "inproc://hub-%u", atomic_fetch_add(&houses, 1));
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

/* Until nothing is in hand any more. */
static void hub_drain(struct bus *b, int64_t deadline_ms)
{
    int word = 0;

    actor_tell(b->hub, HUB_DRAIN);
    while (word != HUB_IDLE && !actor_hear(b->hub, deadline_ms, &word))
        ;
}

static bool replica_end(struct replica *r, int64_t deadline_ms)
{
    int word;

    if (!r->has_said_start && actor_hear(r->actor, deadline_ms, &word))
        return false;
    return actor_end(&r->actor, deadline_ms);
}

static bool threads_end(struct bus *b)
{
    int64_t deadline_ms = clock_mono_ms() + STOP_MAX_MS;
    int ended = 0;

    hub_drain(b, deadline_ms);
    for (int i = 0; i < b->replica_n; i++)
        actor_tell(b->replica[i].actor, "$TERM");
    for (int i = 0; i < b->replica_n; i++)
        ended += replica_end(&b->replica[i], deadline_ms);
    if (ended < b->replica_n)
        log_error("replica-lost", "ended=%d of=%d", ended, b->replica_n);
    return actor_end(&b->hub, clock_mono_ms() + 1000) && ended == b->replica_n;
}

void bus_stop(struct bus **b)
{
    struct bus *old = *b;

    if (!old)
        return;
    *b = NULL;
    MUST(atomic_load(&old->ports) == 0);
    if (old->hub && !threads_end(old))
        return; /* its memory stays: a thread still lives in it */
    free(old->replica);
    free(old);
}
