/* hub: see the header. One turn of its loop: what came in, then what time has done, then who is gone. */
#include "hub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "errors.h"
#include "hub_private.h"
#include "log.h"

#define TURN_MAX 256 /* messages before time is looked at again */

/* ---- requests
 * ------------------------------------------------------------------------------------------------------- */

static bool may_say(const struct message *m, const struct peer *p)
{
    for (const char *const *from = m->from; *from; from++)
        if (strcmp(*from, "*") == 0 || strcmp(*from, p->name) == 0)
            return true;
    return false;
}

/* What the hub can say at once: 0, or why this request goes no further. */
static int request_judge(struct hub *h, const struct peer *asker, const struct message *m,
                         const struct envelope *e, size_t bytes)
{
    struct service *s;

    if (!m || m->kind != MESSAGE_REQUEST)
        return ERR_UNSUPPORTED;
    if (!may_say(m, asker)) {
        h->denied++;
        log_warn("bus-denied", "message=%s peer=%s.%u", m->name, asker->name, asker->number);
        return ERR_DENIED;
    }
    if (bytes > WIRE_BODY_MAX)
        return ERR_TOOBIG;
    if (e->deadline_ms <= h->now_ms)
        return ERR_LATE;
    s = service_get(h, m->to);
    if (!s) /* the hub itself */
        return 0;
    if (s->replicas == 0 || s->queue_n >= h->options.queue_max)
        return ERR_BUSY;
    if (h->is_stopping && !asker->service) /* a hand that finishes may still need its neighbours */
        return ERR_BUSY;
    return 0;
}

static void request_refuse(struct hub *h, struct peer *asker, const struct message *m,
                           const struct envelope *e, int err)
{
    struct service *s = m && m->to ? service_get(h, m->to) : NULL;

    if (s)
        gauge_add(&s->gauge, h->now_ms, err, -1);
    mail_drop(e, &h->spool, h->options.spool_dir);
    desk_refuse(h, asker, e, err, NULL);
}

static void request_hear(struct hub *h, struct peer *asker, const struct envelope *e, zmq_msg_t *body)
{
    const struct message *m = message_by_id(e->message);
    struct span bytes = {zmq_msg_data(body), zmq_msg_size(body)};
    int err = request_judge(h, asker, m, e, bytes.n);
    struct service *s = err ? NULL : service_get(h, m->to);
    struct request *r = s ? request_new(h, s, m, e, asker->name, body) : NULL;

    if (!err && s && !r)
        err = ERR_BUSY;
    if (m && !err)
        desk_tap(h, &(struct tap_line){m, asker->name, m->to, r ? r->id : 0, -1}, e,
                 r ? (struct span){zmq_msg_data(&r->body), zmq_msg_size(&r->body)} : bytes);
    if (err) {
        request_refuse(h, asker, m, e, err);
    } else if (!s) {
        desk_answer(h, asker, m, e, bytes);
    } else {
        r->asker = asker;
        r->asker_id = e->id;
        r->deadline_ms = e->deadline_ms < h->now_ms + WAIT_MAX_MS ? e->deadline_ms : h->now_ms + WAIT_MAX_MS;
        request_queue(h, r);
        ledger_dispatch(h, s);
    }
}

/* ---- replies
 * -------------------------------------------------------------------------------------------------------- */

static void reply_count(struct hub *h, const struct request *r, const struct envelope *e)
{
    struct tally *tally = &h->tally[message_place(r->m)];

    tally->n++;
    tally->refused += e->err != 0;
    tally->took_us += e->took_us;
    if (r->is_late)
        r->service->gauge.late_replies++;
    else
        gauge_add(&r->service->gauge, h->now_ms, e->err, h->now_us - r->came_us);
}

static void reply_pass_on(struct hub *h, struct request *r, struct envelope *e, zmq_msg_t *body)
{
    const struct message *m = message_by_id(e->message);
    bool is_expected = m && (m->id == r->m->reply || m == &MESSAGE_reply_refused);

    if (m)
        desk_tap(h,
                 &(struct tap_line){m, r->service->name, r->asker ? r->asker->name : "-", r->id,
                                    h->now_us - r->came_us},
                 e, (struct span){zmq_msg_data(body), zmq_msg_size(body)});
    if (!r->asker || !is_expected) {
        mail_drop(e, &h->spool, h->options.spool_dir);
        if (r->asker) {
            log_error("reply-unexpected", "message=%s reply=%u", r->m->name, e->message);
            e->id = r->asker_id;
            desk_refuse(h, r->asker, e, ERR_BUG, NULL);
        }
        return;
    }
    e->id = r->asker_id;
    e->from = span_of(r->service->name);
    e->has_from = true;
    peer_send(h, r->asker, e, body);
    (void)zmq_msg_init(body);
}

static void reply_hear(struct hub *h, struct peer *p, struct envelope *e, zmq_msg_t *body)
{
    struct request *r = request_get(h, e->id);
    struct service *s;

    if (!r || r->holder != p) {
        h->foreign_replies++;
        mail_drop(e, &h->spool, h->options.spool_dir);
        log_warn("bus-foreign-reply", "peer=%s.%u", p->name, p->number);
        return;
    }
    s = r->service;
    p->in_hand--;
    s->in_hand--;
    reply_count(h, r, e);
    reply_pass_on(h, r, e, body);
    request_free(h, r);
    replica_ready(s, p);
    ledger_dispatch(h, s);
}

/* ---- events
 * ---------------------------------------------------------------------------------------------------------
 */

static bool listens_to(const uint16_t *listens, size_t n, uint16_t id)
{
    for (size_t i = 0; i < n; i++)
        if (listens[i] == id)
            return true;
    return false;
}

static void listens_add(uint16_t *listens, size_t *n, uint16_t id)
{
    if (listens_to(listens, *n, id) || *n == LISTENS_MAX)
        return;
    listens[(*n)++] = id;
}

struct fan {
    const struct envelope *envelope;
    zmq_msg_t *body;
};

static void event_to_port(struct hub *h, struct peer *p, void *ctx)
{
    struct fan *fan = ctx;
    zmq_msg_t copy;

    if (p->service || !listens_to(p->listens, p->listens_n, fan->envelope->message))
        return;
    (void)zmq_msg_init(&copy);
    (void)zmq_msg_copy(&copy, fan->body);
    peer_send(h, p, fan->envelope, &copy);
}

static void event_to_service(struct hub *h, struct service *s, const struct message *m,
                             const struct peer *from, const struct fan *fan)
{
    struct request *r = NULL;
    zmq_msg_t copy;

    if (!listens_to(s->listens, s->listens_n, m->id))
        return;
    (void)zmq_msg_init(&copy);
    (void)zmq_msg_copy(&copy, fan->body);
    if (s->replicas && s->queue_n < h->options.queue_max)
        r = request_new(h, s, m, fan->envelope, from->name, &copy);
    (void)zmq_msg_close(&copy);
    if (!r) {
        s->gauge.events_dropped++;
        log_debug("bus-event-dropped", "message=%s service=%s", m->name, s->name);
        return;
    }
    request_queue(h, r);
    ledger_dispatch(h, s);
}

static void event_spread(struct hub *h, struct peer *p, const struct message *m, struct envelope *e,
                         zmq_msg_t *body)
{
    struct fan fan = {e, body};

    e->from = span_of(p->name);
    e->has_from = true;
    e->id = 0;
    desk_tap(h, &(struct tap_line){m, p->name, "*", 0, -1}, e,
             (struct span){zmq_msg_data(body), zmq_msg_size(body)});
    peer_each(h, event_to_port, &fan);
    for (size_t i = 0; i < h->service_n; i++)
        event_to_service(h, &h->service[i], m, p, &fan);
}

static void peer_is_ready(struct hub *h, struct peer *p, uint32_t credit)
{
    p->credit = credit;
    if (!p->service && p->socket == h->inside) {
        p->service = service_make(h, p->name);
        p->service->replicas++;
        for (size_t i = 0; i < p->listens_n; i++)
            listens_add(p->service->listens, &p->service->listens_n, p->listens[i]);
        if (h->options.on_ready)
            h->options.on_ready(h->options.ctx);
    }
    if (p->service) {
        replica_ready(p->service, p);
        ledger_dispatch(h, p->service);
    }
}

/* What the hub itself hears: true when m is for it alone. */
static bool control_hear(struct hub *h, struct peer *p, const struct message *m, const void *body)
{
    if (m == &MESSAGE_ctl_ready) {
        peer_is_ready(h, p, ((const struct ctl_ready *)body)->credit);
    } else if (m == &MESSAGE_ctl_listen) {
        listens_add(p->listens, &p->listens_n, ((const struct ctl_listen *)body)->message);
    } else if (m == &MESSAGE_ctl_bye) {
        p->has_said_bye = p->is_gone = h->has_gone_peers = true;
    } else if (m == &MESSAGE_ctl_stop) {
        h->is_stopping = true;
        h->stop_at_ms = h->now_ms + STOP_MAX_MS;
    } else {
        return false;
    }
    return true;
}

static void event_hear(struct hub *h, struct peer *p, struct envelope *e, zmq_msg_t *body)
{
    const struct message *m = message_by_id(e->message);
    struct span bytes = {zmq_msg_data(body), zmq_msg_size(body)};
    void *unpacked = m ? arena_get(h->arena, m->size) : NULL;

    if (!m || m->kind != MESSAGE_EVENT || e->has_spool || wire_unpack(h->arena, m, bytes, unpacked, NULL)) {
        h->noise++;
        log_warn("bus-noise", "peer=%s.%u event=%u", p->name, p->number, e->message);
        return;
    }
    if (!may_say(m, p)) {
        h->denied++;
        log_warn("bus-denied", "message=%s peer=%s.%u", m->name, p->name, p->number);
        return;
    }
    if (!control_hear(h, p, m, unpacked))
        event_spread(h, p, m, e, body);
}

/* ---- the loop
 * ------------------------------------------------------------------------------------------------------- */

static void mail_hear(struct hub *h, void *socket, zmq_msg_t frame[3])
{
    struct peer *p = peer_get(h, socket, (struct span){zmq_msg_data(&frame[0]), zmq_msg_size(&frame[0])});
    struct envelope e;
    int err;

    if (!p)
        return;
    err = wire_unpack(h->arena, &WIRE_ENVELOPE,
                      (struct span){zmq_msg_data(&frame[1]), zmq_msg_size(&frame[1])}, &e, NULL);
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
        request_hear(h, p, &e, &frame[2]);
    else if (e.kind == MESSAGE_REPLY)
        reply_hear(h, p, &e, &frame[2]);
    else
        event_hear(h, p, &e, &frame[2]);
}

/* Receives and hears one message; false: nothing there. */
static bool message_hear(struct hub *h, void *socket)
{
    zmq_msg_t frame[3];
    size_t n = 0;
    bool has_more = true;

    for (size_t i = 0; i < 3; i++)
        (void)zmq_msg_init(&frame[i]);
    while (n < 3 && has_more) {
        int rc = zmq_msg_recv(&frame[n], socket, ZMQ_DONTWAIT);
        if (rc < 0 && errno == EINTR)
            continue;
        if (rc < 0)
            break;
        has_more = zmq_msg_more(&frame[n]);
        n++;
    }
    if (n == 3 && !has_more) {
        mail_hear(h, socket, frame);
        arena_reset(h->arena);
    } else if (n) {
        h->noise++;
        while (has_more && zmq_msg_recv(&frame[2], socket, ZMQ_DONTWAIT) >= 0)
            has_more = zmq_msg_more(&frame[2]);
    }
    for (size_t i = 0; i < 3; i++)
        (void)zmq_msg_close(&frame[i]);
    return n > 0;
}

static void time_look(struct hub *h)
{
    h->now_us = clock_mono_us();
    h->now_ms = h->now_us / 1000;
}

static void stop_tell(struct hub *h, struct peer *p, void *ctx)
{
    const struct ctl_stop nothing = {0};

    (void)ctx;
    if (p->service && !p->is_told_to_stop) {
        p->is_told_to_stop = true;
        peer_tell(h, p, &MESSAGE_ctl_stop, &nothing);
    }
}

/* Requests first, then the replicas, those included that only now become ready. False: all have ended, or the
 * time for it. */
static bool is_going_on(struct hub *h)
{
    if (!h->is_stopping)
        return true;
    h->has_told_stop = h->has_told_stop || ledger_is_idle(h) || h->now_ms >= h->stop_at_ms;
    if (!h->has_told_stop)
        return true;
    peer_each(h, stop_tell, NULL);
    return !h->options.is_empty(h->options.ctx) && h->now_ms < h->stop_at_ms + 1000;
}

static long poll_wait(const struct hub *h)
{
    int64_t next = h->next_deadline_ms < h->next_probe_ms ? h->next_deadline_ms : h->next_probe_ms;

    if (h->is_stopping)
        next = next < h->now_ms + 10 ? next : h->now_ms + 10;
    return next <= h->now_ms ? 0 : (long)(next - h->now_ms);
}

void hub_run(struct hub *h)
{
    zmq_pollitem_t items[2] = {{.socket = h->inside, .events = ZMQ_POLLIN},
                               {.socket = h->outside, .events = ZMQ_POLLIN}};

    time_look(h);
    h->started_ms = h->now_ms;
    h->next_deadline_ms = INT64_MAX;
    while (is_going_on(h)) {
        (void)zmq_poll(items, h->outside ? 2 : 1, poll_wait(h));
        time_look(h);
        for (int i = 0; i < TURN_MAX; i++) {
            bool is_inside = message_hear(h, h->inside);
            bool is_outside = h->outside && message_hear(h, h->outside);
            if (!is_inside && !is_outside)
                break;
        }
        time_look(h);
        ledger_expire(h);
        peers_probe(h);
        peers_sweep(h);
        arena_reset(h->arena);
    }
    ledger_fini(h);
}

/* ---- opening
 * -------------------------------------------------------------------------------------------------------- */

static void *socket_make(struct hub *h, int type)
{
    void *socket = zmq_socket(h->options.context, type);
    int on = 1, none = 0;
    int64_t frame_max = WIRE_BODY_MAX + 1024;

    MUST(socket);
    MUST(zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none) == 0);
    MUST(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0);
    if (type == ZMQ_ROUTER)
        MUST(zmq_setsockopt(socket, ZMQ_ROUTER_MANDATORY, &on, sizeof on) == 0);
    else
        MUST(zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on) == 0);
    return socket;
}

static int file_bind(struct hub *h, void **socket, int type, const char *name)
{
    struct span endpoint = arena_print(h->arena, "ipc://%s/%s", h->options.run_dir, name);
    const char *path = endpoint.p + strlen("ipc://");

    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return ERR_TOOBIG;
    *socket = socket_make(h, type);
    if (zmq_bind(*socket, endpoint.p) || chmod(path, 0600)) {
        log_error("bus-bind", "endpoint=%s errno=%d", endpoint.p, errno);
        return ERR_AWAY;
    }
    return 0;
}

int hub_open(struct hub **h, const struct hub_options *options)
{
    struct hub *made = calloc(1, sizeof *made);
    int err = 0;

    MUST(made && "memory");
    made->options = *options;
    made->arena = arena_new();
    made->tally = calloc(messages_n, sizeof *made->tally);
    MUST(made->tally && "memory");
    ledger_init(made);
    made->inside = socket_make(made, ZMQ_ROUTER);
    if (zmq_bind(made->inside, options->inside))
        err = ERR_AWAY;
    if (!err && options->run_dir)
        err = file_bind(made, &made->outside, ZMQ_ROUTER, "ops.ipc");
    if (!err && options->run_dir)
        err = file_bind(made, &made->tap, ZMQ_PUB, "tap.ipc");
    arena_reset(made->arena);
    if (err)
        hub_close(&made);
    *h = made;
    return err;
}

static void peer_end(struct hub *h, struct peer *p, void *ctx)
{
    (void)ctx;
    p->is_gone = p->has_said_bye = h->has_gone_peers = true;
}

static void file_close(struct hub *h, void *socket, const char *name)
{
    if (!socket)
        return;
    (void)zmq_close(socket);
    (void)unlink(arena_print(h->arena, "%s/%s", h->options.run_dir, name).p);
}

void hub_close(struct hub **h)
{
    if (!*h)
        return;
    peer_each(*h, peer_end, NULL);
    peers_sweep(*h);
    if ((*h)->inside)
        (void)zmq_close((*h)->inside);
    file_close(*h, (*h)->outside, "ops.ipc");
    file_close(*h, (*h)->tap, "tap.ipc");
    spool_close(&(*h)->spool);
    arena_free(&(*h)->arena);
    free((*h)->tally);
    free(*h);
    *h = NULL;
}
