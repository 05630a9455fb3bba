/* lookit run: the house, from its data folder to its last breath. main's thread starts everything, then only
 * waits for signals and keeps the private PostgreSQL alive. */
#define _GNU_SOURCE /* SCHED_BATCH, which is Linux's */
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bus.h"
#include "cli.h"
#include "demo.h"
#include "fetch.h"
#include "gateway.h"
#include "greet.h"
#include "home.h"
#include "migrate.h"
#include "postgres.h"
#include "roster.h"
#include "running.h"
#include "site.h"

enum { DATABASE_AGAIN_MS = 500 };

struct house {
    struct conf *conf;
    struct home home;
    struct postgres *postgres; /* NULL: the database is somebody else's */
    char conninfo[CONNINFO_SIZE];
    char store[FILE_PATH_MAX];
    char mail[FILE_PATH_MAX];
    const char *database;
    struct db *db; /* only while starting */
    struct bus *bus;
    struct gateway *gateway; /* NULL: not one of our roles */
    sigset_t signals;
    int64_t started_ms; /* clock_mono_ms */
    int64_t postgres_ms;
    char why[WHY_SIZE];
};

/* Signals are taken one by one where we wait, never in the middle of something. Before any thread, so that
 * all inherit it. */
static void signals_take(sigset_t *set)
{
    static const int ours[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

    (void)sigemptyset(set);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        (void)sigaddset(set, ours[i]);
    (void)sigprocmask(SIG_BLOCK, set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Our threads and PostgreSQL hand work to one another; under the standard policy each interrupts whoever just
 * woke it, and a request costs half as many switches again (tests/bench: 1.1 times as many answers without).
 * Who chose another policy for us keeps it. Before any thread and child, so that all inherit it. */
static void policy_set(void)
{
    if (sched_getscheduler(0) == SCHED_OTHER && sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}))
        log_debug("policy-not-set", "errno=%d", errno);
}

/* Long documents come and go with each request. By its own rule malloc hands their memory back to the kernel
 * at once and takes it again, page by page, for the next one. */
static void memory_keep(void)
{
    if (!mallopt(M_MMAP_THRESHOLD, 1 << 20) || !mallopt(M_TRIM_THRESHOLD, 2 << 20))
        log_debug("memory-not-kept", "errno=%d", errno);
}

/* True when somebody wants us to stop. wait_ms -1: until then, however long. Meanwhile PostgreSQL is looked
 * after. */
static bool wait_for_end(struct house *h, int64_t wait_ms)
{
    int64_t until = clock_mono_ms() + wait_ms;

    for (;;) {
        int64_t ms = h->postgres ? postgres_watch(h->postgres) : -1;
        int64_t left = until - clock_mono_ms();
        int sig;

        if (wait_ms >= 0 && left <= 0)
            return false;
        if (wait_ms >= 0 && (ms < 0 || ms > left))
            ms = left;
        if (ms < 0)
            sig = sigwaitinfo(&h->signals, NULL);
        else
            sig = sigtimedwait(&h->signals, NULL, &(struct timespec){ms / 1000, ms % 1000 * 1000000});
        if (sig == SIGTERM || sig == SIGINT || sig == SIGHUP)
            return true;
    }
}

/* ---- settings
 * ----------------------------------------------------------------------------------------------------- */

static bool word_is_in(const char *word, size_t n, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == n && !memcmp(*list, word, n))
            return true;
    return false;
}

/* Is one of these words among the roles? */
static bool roles_have(const char *roles, const char *const *list)
{
    for (const char *at = roles; *at; at += strcspn(at, " ,") + strspn(at + strcspn(at, " ,"), " ,"))
        if (word_is_in(at, strcspn(at, " ,"), list))
            return true;
    return false;
}

static int zone_refuse(struct house *h, const char *zone)
{
    (void)snprintf(h->why, sizeof h->why,
                   "--time-zone is one that PostgreSQL knows, such as Europe/Berlin, not \"%.64s\".", zone);
    return ERR_INVALID;
}

static int zone_take(struct house *h)
{
    const char *zone = conf_str(h->conf, "time-zone");

    if (zone[strspn(zone, DB_ZONE_LETTERS)])
        return zone_refuse(h, zone);
    db_zone_set(zone);
    return 0;
}

static int zone_check(struct house *h)
{
    const char *zone = conf_str(h->conf, "time-zone");

    return zone[0] && site_zone_check(h->db, zone) == ERR_INVALID ? zone_refuse(h, zone) : 0;
}

static int settings_check(struct house *h)
{
    static const char *const known[] = {"all", "web", "worker", "builder", "scheduler", NULL};
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    const char *roles = conf_str(h->conf, "roles");
    const char *wanted = conf_str(h->conf, "log-level");
    int level = 0;

    while (level < 4 && strcmp(wanted, levels[level]) != 0)
        level++;
    if (level == 4) {
        (void)snprintf(h->why, sizeof h->why, "--log-level is error, warn, info or debug, not \"%s\".",
                       wanted);
        return ERR_INVALID;
    }
    log_level_set((enum log_level)level);
    for (const char *at = roles; *at; at += strcspn(at, " ,") + strspn(at + strcspn(at, " ,"), " ,"))
        if (!word_is_in(at, strcspn(at, " ,"), known)) {
            (void)snprintf(h->why, sizeof h->why,
                           "--roles is all, or some of web, worker, builder, scheduler, not \"%.100s\".",
                           roles);
            return ERR_INVALID;
        }
    return zone_take(h);
}

/* ---- start and stop
 * ----------------------------------------------------------------------------------------------- */

/* A server that we started answers at once; another one may still be on its way. */
static int database_open(struct house *h)
{
    int64_t until = clock_mono_ms() + 1000 * conf_int(h->conf, "database-wait");
    int err = 0;

    h->database = conf_str(h->conf, "database-url");
    if (!h->database[0]) {
        postgres_conninfo(h->home.data, h->conninfo);
        h->database = h->conninfo;
        err = postgres_start(&h->postgres, h->home.data, conf_str(h->conf, "postgres-bin"), h->why);
        h->postgres_ms = clock_mono_ms() - h->started_ms;
    }
    if (!err)
        err = migrate(h->database, h->why);
    while (err == ERR_AWAY && !h->postgres && clock_mono_ms() < until) {
        log_warn("database-away", "again_ms=%d", DATABASE_AGAIN_MS);
        if (wait_for_end(h, DATABASE_AGAIN_MS))
            break;
        err = migrate(h->database, h->why);
    }
    if (!err)
        err = site_open(&h->db, h->database);
    return err ? err : zone_check(h);
}

static int gateway_open(struct house *h)
{
    static const char *const web[] = {"all", "web", NULL};
    char spool[FILE_PATH_MAX];
    struct gateway_options options = {
        .bus = h->bus, .conf = h->conf, .spool_dir = spool, .store_dir = h->store};

    if (!roles_have(conf_str(h->conf, "roles"), web))
        return 0;
    home_file(spool, h->home.data, "spool");
    TRY(site_key(h->db, "form-tokens", options.key));
    return gateway_start(&h->gateway, &options, h->why);
}

static int house_start(struct house *h)
{
    char run[FILE_PATH_MAX];
    char spool[FILE_PATH_MAX];
    struct bus_options options = {.conf = h->conf,
                                  .roster = roster,
                                  .roles = conf_str(h->conf, "roles"),
                                  .run_dir = run,
                                  .spool_dir = spool,
                                  .store_dir = h->store,
                                  .mail_dir = h->mail};

    TRY(settings_check(h));
    TRY(home_open(&h->home, conf_str(h->conf, "data"), h->why));
    home_file(run, h->home.data, "run");
    home_file(spool, h->home.data, "spool");
    home_file(h->store, h->home.data, "store");
    home_file(h->mail, h->home.data, "mail");
    crypt_init();
    fetch_init();
    TRY(database_open(h));
    options.database = h->database;
    TRY(bus_start(&h->bus, &options));
    return gateway_open(h);
}

/* Those who ask go first, then those who answer, then what they stand on. */
static void house_stop(struct house *h)
{
    if (h->home.lock != -1)
        running_address_remove(h->home.data);
    gateway_stop(&h->gateway);
    bus_stop(&h->bus);
    db_close(&h->db);
    postgres_stop(&h->postgres);
    home_close(&h->home);
    conf_free(&h->conf);
}

/* ---- the command
 * -------------------------------------------------------------------------------------------------- */

/* scheme://host:port under which this house can be reached; the origin when one is set. */
static void address_of(const struct house *h, char out[RUNNING_ADDRESS_SIZE])
{
    const char *origin = conf_str(h->conf, "origin");
    const char *listen = conf_str(h->conf, "listen");
    const char *colon = strrchr(listen, ':');
    int host = colon ? (int)(colon - listen) : (int)strlen(listen);

    if (origin[0])
        (void)snprintf(out, RUNNING_ADDRESS_SIZE, "%s", origin);
    else if (host == 0 || !strncmp(listen, "0.0.0.0", (size_t)host) || !strncmp(listen, "[::]", (size_t)host))
        (void)snprintf(out, RUNNING_ADDRESS_SIZE, "http://127.0.0.1:%u", (unsigned)gateway_port(h->gateway));
    else
        (void)snprintf(out, RUNNING_ADDRESS_SIZE, "http://%.*s:%u", host, listen,
                       (unsigned)gateway_port(h->gateway));
}

/* Without an origin, links are made from the Host that a visitor sends: fine at home, not where others come.
 */
static void origin_mind(const struct conf *conf)
{
    const char *listen = conf_str(conf, "listen");
    bool is_home =
        !strncmp(listen, "127.", 4) || !strncmp(listen, "localhost", 9) || !strncmp(listen, "[::1]", 5);

    if (!conf_str(conf, "origin")[0] && (!is_home || conf_bool(conf, "behind-proxy")))
        log_warn("origin-missing", "listen=%s advice=\"set --origin: links in mails are made from it\"",
                 listen);
}

/* One line for whoever started us and waits. */
static void ready_say(const struct house *h, const char *address)
{
    int fd = (int)conf_int(h->conf, "ready-fd");
    char line[RUNNING_ADDRESS_SIZE + 2];
    int n = snprintf(line, sizeof line, "%s\n", address);

    if (fd < 0)
        return;
    if (write(fd, line, (size_t)n) != n)
        log_warn("ready-fd", "fd=%d", fd);
    (void)close(fd);
}

static int house_greet(struct house *h)
{
    char address[RUNNING_ADDRESS_SIZE] = "";

    if (h->gateway) {
        int err = conf_bool(h->conf, "demo") ? demo_make(h->bus) : 0;

        if (err) /* the house serves as well without; the next start tries again */
            log_warn("demo-not-made", "err=%s", err_name(err));
        address_of(h, address);
        origin_mind(h->conf);
        TRY(greet(h->db, address, h->home.data));
    }
    db_close(&h->db);
    TRY(running_address_write(h->home.data, address));
    ready_say(h, address);
    log_info("ready", "ms=%ld postgres_ms=%ld", (long)(clock_mono_ms() - h->started_ms),
             (long)h->postgres_ms);
    return 0;
}

int run_command(int argc, char **argv)
{
    struct house h = {.home.lock = -1, .started_ms = clock_mono_ms()};
    int err;

    if (!settings_load(&h.conf, NULL, argc, argv))
        return EXIT_USAGE;
    policy_set();
    memory_keep();
    signals_take(&h.signals);
    err = house_start(&h);
    if (!err)
        err = house_greet(&h);
    if (err)
        (void)cli_fail("%s", h.why[0] ? h.why : err_doc(err));
    else
        (void)wait_for_end(&h, -1);
    house_stop(&h);
    return err ? EXIT_FAILED : EXIT_DONE;
}
