/* hub: see the header. One turn of its loop: what came in, then what time has done, then who is gone. This
 * file holds the sockets; the others know spans and loads. */
#include "hub.h"

#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "errors.h"
#include "hub_private.h"
#include "log.h"
#include "node.h"

#define TURN_MAX 256 /* messages before time is looked at again */

/* ---- out
 * ---------------------------------------------------------------------------------------------------------
 */

struct load load_copy(struct span bytes)
{
    struct load copy = {.frame = zframe_new(bytes.p, bytes.n)};

    MUST(copy.frame);
    copy.bytes = (struct span){(const char *)zframe_data(copy.frame), bytes.n};
    return copy;
}

void load_free(struct load *l)
{
    zframe_destroy(&l->frame);
}

/* The small frames before a body: from where they lie, without an allocation of their own. */
static bool bytes_put(void *socket, struct span bytes, int flags)
{
    return zmq_send(socket, bytes.p ? bytes.p : "", bytes.n, flags | ZMQ_DONTWAIT) >= 0;
}

int socket_put(struct _zsock_t *socket, struct span id, struct span head, struct load *body)
{
    void *raw = zsock_resolve(socket);
    int err = 0;

    if (id.n && !bytes_put(raw, id, ZMQ_SNDMORE))
        err = errno == EHOSTUNREACH ? ERR_AWAY : ERR_BUSY;
    else if (!bytes_put(raw, head, ZMQ_SNDMORE))
        err = id.n ? ERR_BUG : ERR_BUSY;
    else if (body->frame ? zframe_send(&body->frame, socket, ZFRAME_DONTWAIT)
                         : !bytes_put(raw, body->bytes, 0))
        err = ERR_BUG;
    load_free(body);
    return err;
}

/* ---- in
 * ----------------------------------------------------------------------------------------------------------
 */

static struct span msg_span(zmq_msg_t *msg)
{
    return (struct span){zmq_msg_data(msg), zmq_msg_size(msg)};
}

static void mail_hear(struct hub *h, struct peer *p, struct span head, struct load *body)
{
    struct envelope e;
    int err = wire_unpack(h->arena, &WIRE_ENVELOPE, head, &e, NULL);

    if (err) {
        h->noise++;
        log_warn("bus-noise", "peer=%s.%u envelope=%s", p->name, p->number, err_name(err));
        return;
    }
    if (e.version != WIRE_VERSION) {
        h->noise++;
        if (e.kind == MESSAGE_REQUEST)
            desk_refuse(h, p, &e, ERR_UNSUPPORTED,
                        "This program and the running service are of different releases.");
        return;
    }
    if (e.kind == MESSAGE_REQUEST)
        request_hear(h, p, &e, body);
    else if (e.kind == MESSAGE_REPLY)
        reply_hear(h, p, &e, body);
    else
        event_hear(h, p, &e, body);
}

/* The two frames behind the id; false: there are fewer or more. */
static bool frames_take(struct _zsock_t *socket, zmq_msg_t *head, struct load *body)
{
    if (zmq_msg_recv(head, zsock_resolve(socket), 0) < 0 || !zmq_msg_more(head))
        return false;
    body->frame = zframe_recv(socket);
    if (!body->frame || zframe_more(body->frame))
        return false;
    body->bytes = (struct span){(const char *)zframe_data(body->frame), zframe_size(body->frame)};
    return true;
}

/* Receives and hears one message; false: nothing there. */
static bool message_hear(struct hub *h, struct _zsock_t *socket)
{
    zmq_msg_t id, head;
    struct load body = {0};
    struct peer *p;

    (void)zmq_msg_init(&id);
    if (zmq_msg_recv(&id, zsock_resolve(socket), ZMQ_DONTWAIT) < 0)
        return false;
    (void)zmq_msg_init(&head);
    if (zmq_msg_more(&id) && frames_take(socket, &head, &body)) {
        p = peer_get(h, socket, msg_span(&id));
        if (p)
            mail_hear(h, p, msg_span(&head), &body);
        arena_reset(h->arena);
    } else {
        h->noise++;
        zsock_flush(socket); /* the rest of it */
    }
    load_free(&body);
    (void)zmq_msg_close(&head);
    (void)zmq_msg_close(&id);
    return true;
}

/* ---- the loop
 * ------------------------------------------------------------------------------------------------------- */

static void time_look(struct hub *h)
{
    h->now_us = clock_mono_us();
    h->now_ms = h->now_us / 1000;
}

/* Requests in hand finish first; who started us then ends the replicas, and us. */
static void drain_look(struct hub *h)
{
    if (!h->is_stopping || h->is_drained || (!ledger_is_idle(h) && h->now_ms < h->stop_at_ms))
        return;
    h->is_drained = true;
    pipe_say(h->pipe, HUB_IDLE);
}

static void pipe_hear(struct hub *h)
{
    char *word = zstr_recv(h->pipe);

    if (!word || strcmp(word, HUB_DRAIN) != 0) {
        h->is_over = true;
    } else {
        h->is_stopping = true;
        h->stop_at_ms = h->now_ms + STOP_MAX_MS;
    }
    zstr_free(&word);
}

static int poll_wait(const struct hub *h)
{
    int64_t next = h->next_deadline_ms < h->next_probe_ms ? h->next_deadline_ms : h->next_probe_ms;

    if (h->is_stopping && !h->is_drained && h->stop_at_ms < next)
        next = h->stop_at_ms;
    return next <= h->now_ms ? 0 : (int)(next - h->now_ms);
}

static void sockets_hear(struct hub *h)
{
    for (int i = 0; i < TURN_MAX; i++) {
        bool is_inside = message_hear(h, h->inside);
        bool is_outside = h->outside && message_hear(h, h->outside);
        if (!is_inside && !is_outside)
            break;
    }
}

static void turns_take(struct hub *h)
{
    zpoller_t *poller = zpoller_new(h->pipe, h->inside, h->outside, NULL);

    MUST(poller);
    zpoller_set_nonstop(poller, true);
    time_look(h);
    h->started_ms = h->now_ms;
    h->next_deadline_ms = INT64_MAX;
    while (!h->is_over) {
        bool is_called = zpoller_wait(poller, poll_wait(h)) == h->pipe;
        time_look(h);
        if (is_called)
            pipe_hear(h);
        sockets_hear(h);
        ledger_dispatch(h);
        time_look(h);
        ledger_expire(h);
        peers_probe(h);
        peers_sweep(h);
        drain_look(h);
        arena_reset(h->arena);
    }
    ledger_fini(h);
    zpoller_destroy(&poller);
}

/* ---- opening and closing
 * -------------------------------------------------------------------------------------------- */

static struct _zsock_t *socket_make(int type)
{
    zsock_t *socket = zsock_new(type);

    MUST(socket);
    zsock_set_maxmsgsize(socket, (int)WIRE_BODY_MAX + 1024);
    if (type == ZMQ_ROUTER)
        zsock_set_router_mandatory(socket, 1);
    else
        zsock_set_xpub_nodrop(socket, 1);
    return socket;
}

static int file_bind(struct hub *h, struct _zsock_t **socket, int type, const char *name)
{
    const char *path = arena_print(h->arena, "%s/%s", h->options.run_dir, name).p;

    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return ERR_TOOBIG;
    *socket = socket_make(type);
    if (zsock_bind(*socket, "ipc://%s", path) < 0 || chmod(path, 0600)) {
        log_error("bus-bind", "path=%s errno=%d", path, errno);
        return ERR_AWAY;
    }
    return 0;
}

static size_t processors_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n > 0 ? (size_t)n : 1;
}

static int hub_open(struct hub *h)
{
    int err = 0;

    h->arena = arena_new();
    h->tally = calloc(messages_n, sizeof *h->tally);
    MUST(h->tally && "memory");
    h->processors = processors_count();
    ledger_init(h);
    h->inside = socket_make(ZMQ_ROUTER);
    if (zsock_bind(h->inside, "%s", h->options.inside) < 0)
        err = ERR_AWAY;
    if (!err && h->options.run_dir)
        err = file_bind(h, &h->outside, ZMQ_ROUTER, "ops.ipc");
    if (!err && h->options.run_dir)
        err = file_bind(h, &h->tap, ZMQ_PUB, "tap.ipc");
    arena_reset(h->arena);
    return err;
}

static void peer_end(struct hub *h, struct peer *p, void *ctx)
{
    (void)ctx;
    p->is_gone = p->has_said_bye = h->has_gone_peers = true;
}

static void file_close(struct hub *h, struct _zsock_t **socket, const char *name)
{
    if (!*socket)
        return;
    zsock_destroy(socket);
    (void)unlink(arena_print(h->arena, "%s/%s", h->options.run_dir, name).p);
}

static void hub_close(struct hub *h)
{
    peer_each(h, peer_end, NULL);
    peers_sweep(h);
    zsock_destroy(&h->inside);
    file_close(h, &h->outside, "ops.ipc");
    file_close(h, &h->tap, "tap.ipc");
    spool_close(&h->spool);
    arena_free(&h->arena);
    free(h->tally);
    free(h);
}

void hub_run(struct _zsock_t *pipe, void *options)
{
    struct hub *h = calloc(1, sizeof *h);
    int err;

    MUST(h && "memory");
    pipe_say(pipe, 0);
    h->pipe = pipe;
    h->options = *(const struct hub_options *)options;
    err = hub_open(h);
    pipe_say(pipe, err);
    if (!err)
        turns_take(h);
    hub_close(h);
}
