/* http: see the header. Measured and known about libmicrohttpd 0.9.75, and respected here:
 * - without SIGPIPE_HANDLED_BY_APP it never uses sendfile; the program ignores SIGPIPE;
 * - a suspended connection neither times out nor notices a hang-up: the sweep ends it;
 * - its own timeout counts from the last byte, so one byte a minute holds a connection: the sweep ends that
 * too, by shutting the socket down, which the library then sees as a hang-up;
 * - an answer is accepted after the head or after the body, not within it: within, the answer waits for the
 * rest. */
#include "http.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "errors.h"
#include "http_guard.h"
#include "http_private.h"
#include "log.h"

#define SWEEP_MS 250
/* Of one connection, touched only as far as it is used: a body comes in pieces of half of it, and each piece
 * costs a turn of the loop. */
#define CONNECTION_MEMORY (128u * 1024)

static const char *const method_names[HTTP_METHODS] = {"GET",    "POST", "PUT",     "PATCH",
                                                       "DELETE", "HEAD", "OPTIONS", "TRACE"};

const char *http_method_name(enum http_method m)
{
    return m < HTTP_METHODS ? method_names[m] : "?";
}

static bool method_read(const char *text, enum http_method *out)
{
    for (unsigned m = 0; m < HTTP_METHODS; m++) {
        if (strcmp(text, method_names[m]) == 0) {
            *out = (enum http_method)m;
            return true;
        }
    }
    return false;
}

/* ---- exchanges: one per connection at most
 * ------------------------------------------------------------------------ */

static struct exchange *exchange_take(struct http *h)
{
    struct exchange *x = h->free_exchange;
    struct arena *arena;
    uint32_t index;

    if (!x)
        return NULL;
    h->free_exchange = x->next_free;
    index = (uint32_t)(x - h->exchange);
    arena = x->q.arena ? x->q.arena : arena_new();
    *x = (struct exchange){
        .h = h, .q.arena = arena, .q.id = ++h->serial << 16 | index, .stage = STAGE_LINE, .answer.fd = -1};
    h->in_hand++;
    return x;
}

static void exchange_give(struct http *h, struct exchange *x)
{
    if (x->has_answer && x->answer.has_file && !x->is_queued)
        (void)close(x->answer.fd);
    if (x->told_head)
        h->app.on_end(h->app.ctx, &x->q, x->is_queued ? x->answer.status : 0,
                      x->is_queued ? x->answer_bytes : 0);
    arena_reset(x->q.arena);
    if (x->connection)
        x->connection->exchange = NULL;
    x->q.id = 0;
    x->next_free = h->free_exchange;
    h->free_exchange = x;
    h->in_hand--;
}

static struct exchange *exchange_find(struct http *h, uint64_t id)
{
    uint64_t index = id & 0xffff;

    return id && index < h->max && h->exchange[index].q.id == id ? &h->exchange[index] : NULL;
}

struct http_request *http_request_find(struct http *h, uint64_t id)
{
    struct exchange *x = exchange_find(h, id);

    return x ? &x->q : NULL;
}

/* ---- answers
 * ------------------------------------------------------------------------------------------------------ */

static struct MHD_Response *response_make(struct exchange *x)
{
    const struct http_answer *a = &x->answer;
    struct MHD_Response *r;

    if (a->has_file) {
        r = MHD_create_response_from_fd_at_offset64(a->bytes, a->fd, a->from);
        x->answer_bytes = a->bytes;
    } else {
        r = MHD_create_response_from_buffer(a->body.n, (void *)(uintptr_t)a->body.p, MHD_RESPMEM_PERSISTENT);
        x->answer_bytes = a->body.n;
    }
    MUST(r && "memory");
    for (size_t i = 0; i < a->header_n; i++) {
        /* the library refuses a header without a value; blanks around one are no part of it (RFC 9110 5.5) */
        struct span value = arena_copy(x->q.arena, a->header[i].value.n ? a->header[i].value : SPAN(" "));
        if (MHD_add_response_header(r, a->header[i].name.p, value.p) != MHD_YES)
            log_error("http-header-refused", "header=%s",
                      a->header[i].name.p); /* a line break: never reaches the wire */
    }
    return r;
}

static enum MHD_Result answer_queue(struct exchange *x)
{
    struct http *h = x->h;
    struct MHD_Response *r;
    enum MHD_Result done;

    if (h->is_quiet || (x->connection && ++x->connection->requests >= HTTP_REQUESTS_MAX))
        x->answer.closes = true;
    if (x->answer.closes)
        http_answer_header(&x->answer, "Connection", SPAN("close"));
    r = response_make(x);
    x->is_queued = true;
    x->stage = STAGE_SENDING;
    done = MHD_queue_response(x->mhd, (unsigned)x->answer.status, r);
    MHD_destroy_response(r);
    return done;
}

void http_answer_now(struct http *h, uint64_t id, const struct http_answer *a)
{
    struct exchange *x = exchange_find(h, id);

    if (!x || x->has_answer) {
        if (a->has_file)
            (void)close(a->fd);
        return;
    }
    x->answer = *a;
    x->has_answer = true;
    if (x->is_suspended) {
        x->is_suspended = false;
        x->h->has_resumed = true;
        MHD_resume_connection(x->mhd);
    }
}

static void answer_words(struct exchange *x, int status, const char *words)
{
    struct http_answer a = {.status = status, .body = span_of(words), .closes = true};

    http_answer_header(&a, "Content-Type", SPAN("text/plain; charset=utf-8"));
    http_answer_now(x->h, x->q.id, &a);
}

/* ---- requests
 * ----------------------------------------------------------------------------------------------------- */

static void *on_target(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct http *h = cls;
    struct exchange *x = exchange_take(h);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct connection *c = info ? info->socket_context : NULL;

    if (!x)
        return NULL;
    if (c && c->exchange) /* the one before never was told to end */
        exchange_give(h, c->exchange);
    x->mhd = mhd;
    x->connection = c;
    if (c)
        c->exchange = x;
    x->target = arena_copy(x->q.arena, span_of(uri));
    return x;
}

/* Paths are decoded by the router, segment by segment: nothing is decoded here. */
static size_t unescape_nothing(void *cls, struct MHD_Connection *mhd, char *s)
{
    (void)cls, (void)mhd;
    return strlen(s);
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                 const char *value, size_t value_n)
{
    struct exchange *x = cls;

    (void)kind;
    x->head_bytes += name_n + value_n;
    if (x->q.header_n == HTTP_HEADERS_MAX || x->head_bytes > HTTP_HEAD_BYTES_MAX) {
        x->has_many_headers = true;
        return MHD_NO;
    }
    x->q.header[x->q.header_n++] = (struct http_header){{name, name_n}, {value ? value : "", value_n}};
    return MHD_YES;
}

static void head_fill(struct exchange *x)
{
    struct http_request *q = &x->q;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const char *mark = memchr(x->target.p, '?', x->target.n);

    (void)MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, on_header, x);
    q->path = x->target;
    if (mark) {
        q->path.n = (size_t)(mark - x->target.p);
        q->query = (struct span){mark + 1, x->target.n - q->path.n - 1};
    }
    q->started_us = clock_mono_us();
    http_peer(info ? info->client_addr : NULL, q->address, &q->is_loopback);
}

/* Answers what must not reach the app. */
static void head_guard(struct exchange *x, const char *method, const char *version)
{
    struct http_request *q = &x->q;
    int status =
        x->has_many_headers ? 431 : guard_head(span_of(version), q->header, q->header_n, &q->body_length);

    if (status == 0)
        status = guard_target(x->target);
    if (status == 0 && !method_read(method, &q->method))
        status = 501;
    if (status == 0)
        return;
    x->h->guarded++;
    log_info("http-guarded", "status=%d", status);
    x->is_hostile = true;
    answer_words(x, status,
                 status == 414   ? "This address is too long.\n"
                 : status == 431 ? "These headers are too many or too long.\n"
                 : status == 501 ? "This method is not spoken here.\n"
                 : status == 505 ? "HTTP/1.1 is spoken here.\n"
                                 : "This request is not well formed.\n");
}

/* A client that is still sending would lose the answer to a connection reset: a short rest is read first. */
static bool rest_is_worth_reading(const struct exchange *x)
{
    struct span expect = http_header(&x->q, "expect");

    return !x->is_hostile && expect.n == 0 && x->q.body_length != 0 &&
           x->q.body_length <= (int64_t)HTTP_DRAIN_MAX;
}

static enum MHD_Result head_came(struct exchange *x, const char *method, const char *version)
{
    struct http *h = x->h;

    x->stage = STAGE_BODY;
    head_fill(x);
    x->body_due_us = x->q.started_us + (int64_t)h->limits.body_ms * 1000;
    if (x->connection)
        x->connection->in_request = true;
    head_guard(x, method, version);
    if (!x->has_answer) {
        x->told_head = true;
        h->app.on_head(h->app.ctx, &x->q);
    }
    if (x->has_answer && !rest_is_worth_reading(x)) {
        if (x->q.body_length != 0)
            x->answer.closes = true;
        return answer_queue(x);
    }
    return MHD_YES;
}

/* What came buys time, but not much of it ahead: who sent a lot cannot then hold it here for an hour. */
static void body_due_later(struct exchange *x, size_t n)
{
    const struct http_options *o = &x->h->limits;
    int64_t latest_us = clock_mono_us() + 2000 * (int64_t)o->body_ms;

    x->body_due_us += (int64_t)((uint64_t)n * 1000000 / o->body_rate);
    if (x->body_due_us > latest_us)
        x->body_due_us = latest_us;
}

static enum MHD_Result bytes_came(struct exchange *x, const char *data, size_t n)
{
    struct http *h = x->h;

    x->q.body_bytes += n;
    body_due_later(x, n);
    if (!x->has_answer) {
        h->app.on_bytes(h->app.ctx, &x->q, (struct span){data, n});
        return MHD_YES;
    }
    x->answer.closes = true;
    x->drained += n;
    return x->drained <= HTTP_DRAIN_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result whole_came(struct exchange *x)
{
    struct http *h = x->h;

    x->stage = STAGE_WAIT;
    if (!x->has_answer)
        h->app.on_whole(h->app.ctx, &x->q);
    if (x->has_answer)
        return answer_queue(x);
    x->is_suspended = true;
    x->deadline_ms = clock_mono_ms() + h->limits.answer_ms;
    MHD_suspend_connection(x->mhd);
    return MHD_YES;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *data, size_t *n, void **request)
{
    struct exchange *x = *request;

    (void)cls, (void)mhd, (void)url;
    if (!x)
        return MHD_NO; /* more connections than places: the limits of the library forbid it */
    if (x->stage == STAGE_LINE)
        return head_came(x, method, version);
    if (*n) {
        size_t came = *n;
        *n = 0;
        return bytes_came(x, data, came);
    }
    if (x->stage == STAGE_BODY)
        return whole_came(x);
    return x->has_answer && !x->is_queued ? answer_queue(x) : MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **request,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *request;

    (void)cls, (void)mhd, (void)why;
    if (!x)
        return;
    if (x->connection) {
        x->connection->in_request = false;
        x->connection->since_ms = clock_mono_ms();
    }
    exchange_give(x->h, x);
    *request = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http *h = cls;
    struct connection *c = *context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
        c = h->free_connection;
        if (!c || !info)
            return;
        h->free_connection = c->next_free;
        *c = (struct connection){.fd = info->connect_fd, .since_ms = clock_mono_ms(), .is_open = true};
        h->connections++;
        *context = c;
    } else if (c) {
        if (c->exchange)
            exchange_give(h, c->exchange);
        *c = (struct connection){.next_free = h->free_connection};
        h->free_connection = c;
        h->connections--;
    }
}

/* ---- the loop's side
 * ---------------------------------------------------------------------------------------------- */

static bool connection_is_overdue(const struct http *h, const struct connection *c, int64_t now)
{
    const struct exchange *x = c->exchange;

    if (!c->in_request)
        return h->is_quiet || now - c->since_ms > h->limits.head_ms;
    if (!x || x->stage != STAGE_BODY)
        return false;
    return now > x->body_due_us / 1000;
}

static void sweep(struct http *h, int64_t now)
{
    for (uint32_t i = 0; i < h->max; i++) {
        struct exchange *x = &h->exchange[i];
        struct connection *c = &h->connection[i];
        if (x->q.id && x->is_suspended && now > x->deadline_ms) {
            log_warn("http-abandoned", "request=%llu", (unsigned long long)x->q.id);
            answer_words(x, 504, "This took too long. Please try again.\n");
        }
        if (c->is_open && !c->is_shut && connection_is_overdue(h, c, now)) {
            c->is_shut = true;
            (void)shutdown(c->fd, SHUT_RDWR);
        }
    }
}

void http_run(struct http *h)
{
    int64_t now = clock_mono_ms();

    if (now >= h->sweep_at_ms) {
        h->sweep_at_ms = now + SWEEP_MS;
        sweep(h, now);
    }
    h->has_resumed = false;
    (void)MHD_run(h->daemon);
}

uint32_t http_wait_ms(struct http *h)
{
    MHD_UNSIGNED_LONG_LONG ms;

    if (h->has_resumed)
        return 0;
    if (MHD_get_timeout(h->daemon, &ms) == MHD_YES && ms < SWEEP_MS)
        return (uint32_t)ms;
    return SWEEP_MS;
}

int http_fd(const struct http *h)
{
    return h->epoll_fd;
}

uint32_t http_in_hand(const struct http *h)
{
    return h->in_hand;
}

uint32_t http_connections(const struct http *h)
{
    return h->connections;
}

void http_quiesce(struct http *h)
{
    MHD_socket fd;

    if (h->is_quiet)
        return;
    h->is_quiet = true;
    h->sweep_at_ms = 0;
    fd = MHD_quiesce_daemon(h->daemon);
    if (fd != MHD_INVALID_SOCKET)
        (void)close(fd);
}

static struct MHD_Daemon *daemon_start(struct http *h, const struct http_options *o)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO;

    return MHD_start_daemon(flags, 0, NULL, NULL, on_access, h, MHD_OPTION_LISTEN_SOCKET, o->listen_fd,
                            MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->max, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)o->idle_s, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                            (unsigned)o->per_address_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
                            MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing, NULL, MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
}

int http_open(struct http **out, const struct http_options *o)
{
    struct http *h = calloc(1, sizeof *h);
    const union MHD_DaemonInfo *info;

    MUST(h && "memory");
    MUST(o->connections_max > 0 && o->connections_max <= 16384 && o->body_rate > 0);
    (void)signal(SIGPIPE, SIG_IGN);
    h->limits = *o;
    h->app = o->app;
    h->max = o->connections_max;
    h->exchange = calloc(h->max, sizeof *h->exchange);
    h->connection = calloc(h->max, sizeof *h->connection);
    MUST(h->exchange && h->connection && "memory");
    for (uint32_t i = h->max; i-- > 0;) {
        h->exchange[i].next_free = h->free_exchange;
        h->free_exchange = &h->exchange[i];
        h->connection[i].next_free = h->free_connection;
        h->free_connection = &h->connection[i];
    }
    h->daemon = daemon_start(h, o);
    info = h->daemon ? MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info) {
        (void)close(o->listen_fd);
        http_close(&h);
        return ERR_AWAY;
    }
    h->epoll_fd = info->epoll_fd;
    *out = h;
    return 0;
}

void http_close(struct http **hp)
{
    struct http *h = *hp;

    if (!h)
        return;
    if (h->daemon) {
        for (uint32_t i = 0; i < h->max; i++)
            if (h->exchange[i].q.id && h->exchange[i].is_suspended)
                answer_words(&h->exchange[i], 503, "The service is stopping. Please try again.\n");
        (void)MHD_run(h->daemon); /* nobody may be suspended when it stops */
        http_quiesce(h);
        MHD_stop_daemon(h->daemon);
    }
    for (uint32_t i = 0; i < h->max; i++)
        if (h->exchange[i].q.arena)
            arena_free(&h->exchange[i].q.arena);
    free(h->exchange);
    free(h->connection);
    free(h);
    *hp = NULL;
}
