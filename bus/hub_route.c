/* hub_route: the way of each request, reply and event. */
#include "errors.h"
#include "hub_private.h"
#include "log.h"
#include "node.h"

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
    if (s->replicas == 0 || !service_has_room(h, s))
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

void request_hear(struct hub *h, struct peer *asker, const struct envelope *e, struct load *body)
{
    const struct message *m = message_by_id(e->message);
    int err = request_judge(h, asker, m, e, body->bytes.n);
    struct service *s = err ? NULL : service_get(h, m->to);
    struct request *r = s ? request_new(h, s, m, e, asker->name, body) : NULL;

    if (!err && s && !r)
        err = ERR_BUSY;
    if (m && !err)
        desk_tap(h, &(struct tap_line){m, asker->name, m->to, r ? r->id : 0, -1}, e, body->bytes);
    if (err) {
        request_refuse(h, asker, m, e, err);
    } else if (!s) {
        desk_answer(h, asker, m, e, body->bytes);
    } else {
        r->asker = asker;
        r->asker_id = e->id;
        r->deadline_ms = e->deadline_ms < h->now_ms + WAIT_MAX_MS ? e->deadline_ms : h->now_ms + WAIT_MAX_MS;
        request_queue(h, r);
        s->has_news = true;
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

static void reply_pass_on(struct hub *h, struct request *r, struct envelope *e, struct load *body)
{
    const struct message *m = message_by_id(e->message);
    bool is_expected = m && (m->id == r->m->reply || m == &MESSAGE_reply_refused);

    if (m)
        desk_tap(h,
                 &(struct tap_line){m, r->service->name, r->asker ? r->asker->name : "-", r->id,
                                    h->now_us - r->came_us},
                 e, body->bytes);
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
}

void reply_hear(struct hub *h, struct peer *p, struct envelope *e, struct load *body)
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
    p->moved_us = h->now_us;
    s->in_hand--;
    reply_count(h, r, e);
    reply_pass_on(h, r, e, body);
    request_free(h, r);
    replica_ready(s, p);
    s->has_news = true;
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
    struct span body;
};

static void event_to_port(struct hub *h, struct peer *p, void *ctx)
{
    const struct fan *fan = ctx;

    if (!p->service && listens_to(p->listens, p->listens_n, fan->envelope->message))
        peer_send(h, p, fan->envelope, &(struct load){.bytes = fan->body});
}

static void event_to_service(struct hub *h, struct service *s, const struct message *m,
                             const struct peer *from, const struct fan *fan)
{
    struct load copy;
    struct request *r = NULL;

    if (!listens_to(s->listens, s->listens_n, m->id))
        return;
    copy = load_copy(fan->body);
    if (s->replicas && service_has_room(h, s))
        r = request_new(h, s, m, fan->envelope, from->name, &copy);
    load_free(&copy);
    if (!r) {
        s->gauge.events_dropped++;
        log_debug("bus-event-dropped", "message=%s service=%s", m->name, s->name);
        return;
    }
    request_queue(h, r);
    s->has_news = true;
}

static void event_spread(struct hub *h, struct peer *p, const struct message *m, struct envelope *e,
                         struct span body)
{
    struct fan fan = {e, body};

    e->from = span_of(p->name);
    e->has_from = true;
    e->id = 0;
    desk_tap(h, &(struct tap_line){m, p->name, "*", 0, -1}, e, body);
    peer_each(h, event_to_port, &fan);
    for (size_t i = 0; i < h->service_n; i++)
        event_to_service(h, &h->service[i], m, p, &fan);
}

/* Only of messages that are its own. */
static void shared_note(struct hub *h, const struct service *s, const struct list *shared)
{
    const uint16_t *ids = shared->items;

    for (size_t i = 0; i < shared->n; i++) {
        const struct message *m = message_by_id(ids[i]);
        if (m && m->to && strcmp(m->to, s->name) == 0)
            h->tally[message_place(m)].is_shared = true;
    }
}

static void peer_is_ready(struct hub *h, struct peer *p, const struct ctl_ready *ready)
{
    p->credit = ready->credit;
    if (!p->service && p->socket == h->inside) {
        replica_join(service_make(h, p->name), p);
        shared_note(h, p->service, &ready->shared);
        for (size_t i = 0; i < p->listens_n; i++)
            listens_add(p->service->listens, &p->service->listens_n, p->listens[i]);
        if (!h->is_drained) /* nobody counts them any more */
            pipe_say(h->pipe, HUB_REPLICA);
    }
    if (p->service) {
        replica_ready(p->service, p);
        p->service->has_news = true;
    }
}

/* What the hub itself hears: true when m is for it alone. */
static bool control_hear(struct hub *h, struct peer *p, const struct message *m, const void *body)
{
    if (m == &MESSAGE_ctl_ready) {
        peer_is_ready(h, p, body);
    } else if (m == &MESSAGE_ctl_listen) {
        listens_add(p->listens, &p->listens_n, ((const struct ctl_listen *)body)->message);
    } else if (m == &MESSAGE_ctl_bye) {
        p->has_said_bye = p->is_gone = h->has_gone_peers = true;
    } else {
        return false;
    }
    return true;
}

void event_hear(struct hub *h, struct peer *p, struct envelope *e, struct load *body)
{
    const struct message *m = message_by_id(e->message);
    void *unpacked = m ? arena_get(h->arena, m->size) : NULL;

    if (!m || m->kind != MESSAGE_EVENT || e->has_spool ||
        wire_unpack(h->arena, m, body->bytes, unpacked, NULL)) {
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
        event_spread(h, p, m, e, body->bytes);
}
