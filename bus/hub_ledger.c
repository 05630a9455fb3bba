/* hub_ledger: requests that wait for a service or are in a replica's hand. Each has exactly one ending. */
#include <stdlib.h>

#include "clock.h"
#include "errors.h"
#include "hub_private.h"
#include "log.h"

/* ---- services
 * ------------------------------------------------------------------------------------------------------- */

struct service *service_get(struct hub *h, const char *name)
{
    for (size_t i = 0; i < h->service_n; i++)
        if (strcmp(h->service[i].name, name) == 0)
            return &h->service[i];
    return NULL;
}

struct service *service_make(struct hub *h, const char *name)
{
    struct service *s = service_get(h, name);

    if (s)
        return s;
    MUST(h->service_n < SERVICES_MAX);
    s = &h->service[h->service_n++];
    strncpy(s->name, name, sizeof s->name - 1);
    return s;
}

void ledger_init(struct hub *h)
{
    for (size_t i = 0; i < messages_n; i++)
        if (messages[i]->to && strcmp(messages[i]->to, "hub") != 0)
            (void)service_make(h, messages[i]->to);
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &h->request[REQUESTS_MAX - 1 - i];
        r->id = REQUESTS_MAX - i; /* generation 0, place + 1 */
        r->next = h->free;
        h->free = r;
    }
}

/* ---- requests
 * ------------------------------------------------------------------------------------------------------- */

struct request *request_new(struct hub *h, struct service *s, const struct message *m,
                            const struct envelope *e, const char *from, struct load *body)
{
    struct request *r = h->free;
    uint64_t id;

    if (!r)
        return NULL;
    h->free = r->next;
    id = r->id + 0x10000;
    *r = (struct request){
        .id = id, .is_used = true, .m = m, .service = s, .came_us = h->now_us, .envelope = *e};
    r->deadline_ms = INT64_MAX;
    r->body = *body;
    body->frame = NULL;
    strncpy(r->from, from, sizeof r->from - 1);
    if (e->has_sha256 && e->sha256.n == sizeof r->sha256)
        memcpy(r->sha256, e->sha256.p, sizeof r->sha256);
    r->envelope.sha256 = (struct span){r->sha256, e->has_sha256 ? sizeof r->sha256 : 0};
    r->envelope.from = span_of(r->from);
    r->envelope.has_from = true;
    r->envelope.id = id;
    return r;
}

struct request *request_get(struct hub *h, uint64_t id)
{
    size_t place = id & 0xffff;

    if (place == 0 || place > REQUESTS_MAX)
        return NULL;
    return h->request[place - 1].is_used && h->request[place - 1].id == id ? &h->request[place - 1] : NULL;
}

void request_free(struct hub *h, struct request *r)
{
    MUST(r->is_used && !r->is_queued);
    load_free(&r->body);
    r->is_used = false;
    r->next = h->free;
    h->free = r;
}

void request_queue(struct hub *h, struct request *r)
{
    struct service *s = r->service;

    r->is_queued = true;
    if (s->last)
        s->last->next = r;
    else
        s->first = r;
    s->last = r;
    r->next = NULL;
    s->queue_n++;
    if (r->deadline_ms < h->next_deadline_ms)
        h->next_deadline_ms = r->deadline_ms;
}

static struct request *queue_pop(struct service *s)
{
    struct request *r = s->first;

    s->first = r->next;
    if (!s->first)
        s->last = NULL;
    s->queue_n--;
    r->is_queued = false;
    return r;
}

static void queue_remove(struct service *s, struct request *gone)
{
    struct request *before = NULL;

    for (struct request *r = s->first; r != gone; r = r->next)
        before = r;
    if (before)
        before->next = gone->next;
    else
        s->first = gone->next;
    if (s->last == gone)
        s->last = before;
    s->queue_n--;
    gone->is_queued = false;
}

/* ---- replicas
 * ------------------------------------------------------------------------------------------------------- */

void replica_join(struct service *s, struct peer *p)
{
    p->service = s;
    p->mate = s->replica;
    s->replica = p;
    s->replicas++;
}

static void replica_leave(struct peer *gone)
{
    struct peer **at = &gone->service->replica;

    while (*at != gone)
        at = &(*at)->mate;
    *at = gone->mate;
    gone->service->replicas--;
}

void replica_ready(struct service *s, struct peer *p)
{
    if (p->is_ready_listed || p->is_gone || p->in_hand || !p->credit)
        return;
    p->is_ready_listed = true;
    p->ready_next = NULL;
    if (s->ready_last)
        s->ready_last->ready_next = p;
    else
        s->ready_first = p;
    s->ready_last = p;
}

static void ready_remove(struct service *s, struct peer *gone)
{
    struct peer *before = NULL;

    if (!gone->is_ready_listed)
        return;
    for (struct peer *p = s->ready_first; p != gone; p = p->ready_next)
        before = p;
    if (before)
        before->ready_next = gone->ready_next;
    else
        s->ready_first = gone->ready_next;
    if (s->ready_last == gone)
        s->ready_last = before;
    gone->is_ready_listed = false;
}

static bool is_shared(const struct hub *h, const struct request *r)
{
    return h->tally[message_place(r->m)].is_shared;
}

/* Works on requests of the kind that takes company, and is not stuck with a long one. */
static bool is_open(const struct hub *h, const struct peer *p)
{
    return !p->is_gone && p->is_sharing && p->in_hand && h->now_us - p->moved_us < SHARE_MAX_US;
}

/* For a request that need not be alone. Once as many replicas are at such work as there are processors, one
 * more would only cost switches between them: it joins whoever has the fewest. Else the one that worked last
 * takes it, whose caches are warm. NULL: none can. */
static struct peer *replica_for_shared(const struct hub *h, const struct service *s)
{
    struct peer *best = NULL, *idle = NULL;
    size_t open = 0;

    for (struct peer *p = s->replica; p; p = p->mate) {
        if (p->is_ready_listed && !p->is_gone && (!idle || p->moved_us > idle->moved_us))
            idle = p;
        if (!is_open(h, p))
            continue;
        open++;
        if (p->in_hand < p->credit && (!best || p->in_hand < best->in_hand))
            best = p;
    }
    return open >= h->processors || !idle ? best : idle;
}

/* The one that waited longest. */
static struct peer *replica_for_single(const struct service *s)
{
    struct peer *p = s->ready_first;

    while (p && p->is_gone)
        p = p->ready_next;
    return p;
}

/* Hands requests out, first come first served, while there is somebody for the first. */
void service_dispatch(struct hub *h, struct service *s)
{
    while (s->first && !s->is_paused) {
        bool shares = is_shared(h, s->first);
        struct peer *p = shares ? replica_for_shared(h, s) : replica_for_single(s);
        struct request *r;
        if (!p)
            return;
        ready_remove(s, p);
        r = queue_pop(s);
        r->holder = p;
        if (p->in_hand++ == 0)
            p->moved_us = h->now_us;
        p->is_sharing = shares;
        s->in_hand++;
        peer_send(h, p, &r->envelope,
                  &r->body); /* a replica that just went is found by the sweep, and what it held */
    }
}

/* What came in this turn still waits: it makes room where a replica is free. */
bool service_has_room(struct hub *h, struct service *s)
{
    if (s->queue_n >= h->options.queue_max)
        service_dispatch(h, s);
    return s->queue_n < h->options.queue_max;
}

void ledger_dispatch(struct hub *h)
{
    for (size_t i = 0; i < h->service_n; i++) {
        struct service *s = &h->service[i];
        if (s->has_news) {
            s->has_news = false;
            service_dispatch(h, s);
        }
    }
}

/* ---- endings
 * -------------------------------------------------------------------------------------------------------- */

static void request_is_late(struct hub *h, struct request *r)
{
    struct service *s = r->service;

    gauge_add(&s->gauge, h->now_ms, ERR_LATE, h->now_us - r->came_us);
    if (r->asker) {
        struct envelope e = r->envelope;
        e.id = r->asker_id;
        desk_refuse(h, r->asker, &e, ERR_LATE, NULL);
    }
    if (r->is_queued) {
        mail_drop(&r->envelope, &h->spool, h->options.spool_dir);
        queue_remove(s, r);
        request_free(h, r);
        return;
    }
    r->is_late = true; /* stays until its replica is done with it */
    r->asker = NULL;
}

void ledger_expire(struct hub *h)
{
    int64_t next = INT64_MAX;
    size_t stuck_before = 0, stuck = 0;

    if (h->now_ms < h->next_deadline_ms)
        return;
    for (size_t i = 0; i < h->service_n; i++) {
        stuck_before += h->service[i].stuck;
        h->service[i].stuck = 0;
    }
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &h->request[i];
        if (!r->is_used)
            continue;
        if (r->is_late) {
            r->service->stuck += h->now_ms - r->deadline_ms > STUCK_AFTER_MS;
            stuck += h->now_ms - r->deadline_ms > STUCK_AFTER_MS;
            next = next < h->now_ms + 1000 ? next : h->now_ms + 1000;
        } else if (r->deadline_ms <= h->now_ms) {
            request_is_late(h, r);
        } else if (r->deadline_ms < next) {
            next = r->deadline_ms;
        }
    }
    h->next_deadline_ms = next;
    if (stuck > stuck_before)
        log_error("replica-stuck", "n=%zu", stuck);
}

/* A request whose replica went away may have been done: that is what ERR_LATE says. */
static void holder_lost(struct hub *h, struct request *r)
{
    log_error("bus-replica-lost", "service=%s message=%s", r->service->name, r->m->name);
    r->service->in_hand--;
    if (!r->is_late)
        request_is_late(h, r);
    request_free(h, r);
}

void ledger_forget(struct hub *h, struct peer *p)
{
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &h->request[i];
        if (!r->is_used)
            continue;
        if (r->asker == p)
            r->asker = NULL;
        if (r->holder == p)
            holder_lost(h, r);
    }
    if (p->service) {
        ready_remove(p->service, p);
        replica_leave(p);
    }
}

bool ledger_is_idle(const struct hub *h)
{
    for (size_t i = 0; i < h->service_n; i++)
        if (h->service[i].queue_n || h->service[i].in_hand)
            return false;
    return true;
}

/* Refuses what still waits, so that nobody waits for its deadline. */
void ledger_fini(struct hub *h)
{
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &h->request[i];
        if (!r->is_used)
            continue;
        if (r->is_queued)
            queue_remove(r->service, r);
        mail_drop(&r->envelope, &h->spool, h->options.spool_dir);
        request_free(h, r);
    }
}
