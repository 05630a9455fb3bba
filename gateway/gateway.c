/* gateway: see the header. One loop per thread: HTTP, the bus and the bell in one epoll set. */
#include "gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asset.h"
#include "gateway_private.h"
#include "view_files.h"
#include "view_locales.h"

#define STOP_MS 10000
#define HEAD_MS 30000
#define BODY_MS 30000
#define BODY_RATE 8192   /* bytes a second that a body must at least come with */
#define ANSWER_MS 120000 /* longer than any message waits: the bus answers first */
#define DISK_FLOOR ((int64_t)64 << 20)

const struct conf_item gateway_conf[] = {
#define CONF CONF_ITEM
#include "conf.def"
#undef CONF
    {0}};

/* ---- one thread
 * --------------------------------------------------------------------------------------------------- */

static void answers_take(struct worker *w)
{
    struct answer a;

    w->has_asked = false;
    while (port_next(w->port, w->next_answer, &a, 0)) {
        if (a.message == &MESSAGE_account_session_ended) {
            const struct account_session_ended *e = a.body;
            if (e->has_session && e->session.n == 32)
                sessions_drop(w->sessions, (const uint8_t *)e->session.p);
            else
                sessions_drop_account(w->sessions, e->account);
        } else {
            visit_answered(w, &a);
        }
        arena_reset(w->next_answer);
    }
}

static int wait_ms(struct worker *w)
{
    int64_t http = http_wait_ms(w->http), due = port_deadline_ms(w->port);

    if (due != INT64_MAX) {
        due -= clock_mono_ms();
        http = due < 0 ? 0 : due < http ? due : http;
    }
    return (int)http;
}

static void *worker_run(void *arg)
{
    struct worker *w = arg;
    struct epoll_event events[4];
    int64_t stop_at_ms = 0;

    while (stop_at_ms == 0 || (http_in_hand(w->http) > 0 && clock_mono_ms() < stop_at_ms)) {
        int n = epoll_wait(w->epoll, events, 4, wait_ms(w));
        bool has_answers = port_deadline_ms(w->port) <= clock_mono_ms();
        log_hold();
        for (int i = 0; i < n; i++) {
            has_answers = has_answers || events[i].data.fd == port_fd(w->port);
            if (events[i].data.fd != w->bell || stop_at_ms)
                continue;
            (void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->bell, NULL);
            stop_at_ms = clock_mono_ms() + STOP_MS;
            http_quiesce(w->http);
        }
        if (has_answers) /* first, so that this turn sends them */
            answers_take(w);
        http_run(w->http);
        if (w->has_asked) /* looking costs system calls; pieces of a body need none */
            answers_take(w);
        atomic_store_explicit(&w->tally.connections, http_connections(w->http), memory_order_relaxed);
        atomic_store_explicit(&w->tally.in_hand, http_in_hand(w->http), memory_order_relaxed);
        log_flush();
    }
    http_run(w->http); /* what was just answered goes out */
    return NULL;
}

static int watch_fd(int epoll, int fd)
{
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) ? ERR_AWAY : 0;
}

static int worker_open(struct worker *w, struct gateway *g)
{
    const struct conf *c = g->options.conf;
    struct http_options o = {.listen_fd = w->listen_fd,
                             .connections_max = (uint32_t)conf_int(c, "connections-max"),
                             .per_address_max =
                                 g->is_behind_proxy ? 0 : (uint32_t)conf_int(c, "connections-per-address"),
                             .idle_s = (uint32_t)conf_int(c, "keep-alive"),
                             .head_ms = HEAD_MS + 1000 * (uint32_t)conf_int(c, "keep-alive"),
                             .body_ms = BODY_MS,
                             .body_rate = BODY_RATE,
                             .answer_ms = ANSWER_MS,
                             .app = visit_app};

    w->house = g;
    o.app.ctx = w;
    w->sessions = sessions_new();
    w->next_answer = arena_new();
    crypt_random(&w->trace, sizeof w->trace);
    w->listen_fd = -1; /* http_open takes it */
    TRY(http_open(&w->http, &o));
    TRY(port_open(&w->port, g->options.bus, NULL, "gateway"));
    TRY(port_listen(w->port, &MESSAGE_account_session_ended));
    TRY(spool_open(&w->spool, g->options.spool_dir, DISK_FLOOR));
    w->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->bell < 0 || w->epoll < 0)
        return ERR_AWAY;
    TRY(watch_fd(w->epoll, w->bell));
    TRY(watch_fd(w->epoll, http_fd(w->http)));
    return watch_fd(w->epoll, port_fd(w->port));
}

static void worker_close(struct worker *w)
{
    http_close(&w->http);
    port_close(&w->port);
    spool_close(&w->spool);
    sessions_free(&w->sessions);
    arena_free(&w->next_answer);
    while (w->spare_n > 0)
        arena_free(&w->spare[--w->spare_n]);
    if (w->listen_fd >= 0)
        (void)close(w->listen_fd);
    if (w->bell >= 0)
        (void)close(w->bell);
    if (w->epoll >= 0)
        (void)close(w->epoll);
}

static int worker_start(struct worker *w)
{
    sigset_t all, before;
    int rc;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before); /* the thread takes no signals */
    rc = pthread_create(&w->thread, NULL, worker_run, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->is_started = rc == 0;
    return rc ? ERR_AWAY : 0;
}

/* ---- the house
 * ---------------------------------------------------------------------------------------------------- */

static int say_why(char why[300], int err, const char *sentence, const char *more)
{
    (void)snprintf(why, 300, "%s%s", sentence, more);
    return err;
}

static int listen_failed(char why[300], const char *where)
{
    (void)snprintf(why, 300, "Cannot listen on %.200s: %s.", where, strerror(errno));
    return ERR_AWAY;
}

static int listen_all(struct gateway *g, char why[300])
{
    const char *where = conf_str(g->options.conf, "listen");
    char again[220];
    struct span host = span_of(where);

    for (size_t i = 0; i < g->worker_n; i++) {
        int err = http_listen(where, i == 0, &g->worker[i].listen_fd, &g->port);
        if (err == ERR_MALFORMED)
            return say_why(why, ERR_INVALID,
                           "listen is not an address and port such as 127.0.0.1:8080: ", where);
        if (err)
            return listen_failed(why, where);
        if (i == 0) { /* port 0: the others share what the first got */
            host.n = (size_t)(strrchr(where, ':') - where);
            (void)snprintf(again, sizeof again, "%.*s:%u", (int)host.n, host.p, g->port);
            where = again;
        }
    }
    return 0;
}

static const struct json *site_make(struct gateway *g)
{
    struct json_out o;
    const struct json *site = NULL;

    json_out_init(&o, g->arena);
    json_object(&o);
    json_key(&o, SPAN("site"));
    json_object(&o);
    json_key(&o, SPAN("name"));
    json_add_string(&o, span_of(conf_str(g->options.conf, "site-name")));
    json_key(&o, SPAN("version"));
    json_add_string(&o, SPAN(LOOKIT_VERSION));
    json_end(&o);
    json_key(&o, SPAN("asset"));
    json_add_raw(&o, span_of(asset_names));
    json_key(&o, SPAN("lang"));
    json_add_string(&o, SPAN("en"));
    json_end(&o);
    MUST(json_parse(g->arena, json_out_span(&o), &site, NULL) == 0);
    return site;
}

/* scheme://host[:port], nothing behind it */
static bool is_origin(struct span s)
{
    size_t scheme = s.n > 8 && memcmp(s.p, "https://", 8) == 0  ? 8
                    : s.n > 7 && memcmp(s.p, "http://", 7) == 0 ? 7
                                                                : 0;

    return scheme && !memchr(s.p + scheme, '/', s.n - scheme) && !memchr(s.p, ' ', s.n);
}

static int house_open(struct gateway *g, char why[300])
{
    struct view_error mistake;
    struct span origin = span_of(conf_str(g->options.conf, "origin"));

    g->arena = arena_new();
    g->store_fd = -1;
    g->is_behind_proxy = conf_bool(g->options.conf, "behind-proxy");
    if (origin.n && !is_origin(origin))
        return say_why(why, ERR_INVALID,
                       "origin is not scheme://host[:port] without anything behind it: ", origin.p);
    if (origin.n)
        g->origin = origin;
    if (views_compile(&g->views, view_files, view_locales, &mistake))
        return say_why(why, ERR_INVALID,
                       "A view is broken: ", arena_print(g->arena, "%s: %s", mistake.where, mistake.why).p);
    g->routes = routes_new(g->options.routes ? g->options.routes : route_table);
    g->site = site_make(g);
    if (g->options.store_dir && mkdir(g->options.store_dir, 0700) && errno != EEXIST)
        return say_why(why, ERR_AWAY, "The store cannot be made: ", strerror(errno));
    if (g->options.store_dir)
        g->store_fd = open(g->options.store_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (g->options.store_dir && g->store_fd < 0)
        return say_why(why, ERR_AWAY, "The store cannot be opened: ", strerror(errno));
    return listen_all(g, why);
}

int gateway_start(struct gateway **out, const struct gateway_options *options, char why[300])
{
    struct gateway *g = calloc(1, sizeof *g);
    int err;

    MUST(g && "memory");
    g->options = *options;
    g->worker_n = (size_t)conf_int(options->conf, "gateway-threads");
    g->worker = calloc(g->worker_n, sizeof *g->worker);
    MUST(g->worker && "memory");
    for (size_t i = 0; i < g->worker_n; i++)
        g->worker[i].epoll = g->worker[i].bell = g->worker[i].listen_fd = -1;
    *out = g;
    err = house_open(g, why);
    for (size_t i = 0; !err && i < g->worker_n; i++) {
        err = worker_open(&g->worker[i], g);
        if (err)
            (void)say_why(why, err, "The gateway cannot start: ", err_doc(err));
    }
    for (size_t i = 0; !err && i < g->worker_n; i++) {
        err = worker_start(&g->worker[i]);
        if (err)
            (void)say_why(why, err, "No thread for the gateway: ", strerror(errno));
    }
    if (err)
        gateway_stop(out);
    return err;
}

uint16_t gateway_port(const struct gateway *g)
{
    return g->port;
}

void gateway_stop(struct gateway **gp)
{
    struct gateway *g = *gp;
    const uint64_t ring = 1;

    if (!g)
        return;
    for (size_t i = 0; i < g->worker_n; i++)
        if (g->worker[i].is_started)
            MUST(write(g->worker[i].bell, &ring, sizeof ring) == (ssize_t)sizeof ring);
    for (size_t i = 0; i < g->worker_n; i++) {
        if (g->worker[i].is_started)
            (void)pthread_join(g->worker[i].thread, NULL);
        worker_close(&g->worker[i]);
    }
    routes_free(&g->routes);
    views_free(&g->views);
    if (g->store_fd >= 0)
        (void)close(g->store_fd);
    if (g->arena)
        arena_free(&g->arena);
    free(g->worker);
    free(g);
    *gp = NULL;
}
