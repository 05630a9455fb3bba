/* hub_peers: the ends of the hub's connections. */
#include <stdio.h>
#include <stdlib.h>

#include "errors.h"
#include "hub_private.h"
#include "log.h"

static struct peer **bucket_of(struct hub *h, struct span id)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < id.n; i++)
        hash = (hash ^ (unsigned char)id.p[i]) * 16777619u;
    return &h->bucket[hash % PEER_BUCKETS];
}

static struct peer *peer_admit(struct hub *h, struct _zsock_t *socket, struct span id)
{
    struct peer **bucket = bucket_of(h, id), *p;
    char name[TICKET_NAME_MAX] = "ops"; /* who can reach that socket's file is an operator */
    uint32_t number = 0;

    if (h->peer_n == PEERS_MAX || id.n > sizeof p->id ||
        (socket == h->inside && ticket_read(h->options.secret, id, name, &number))) {
        if (h->strangers++ % 1000 == 0)
            log_warn("bus-stranger", "peers=%zu", h->peer_n);
        return NULL;
    }
    p = calloc(1, sizeof *p);
    MUST(p && "memory");
    p->socket = socket;
    p->number = number;
    memcpy(p->id, id.p, id.n);
    p->id_n = id.n;
    memcpy(p->name, name, sizeof name);
    p->next = *bucket;
    *bucket = p;
    h->peer_n++;
    return p;
}

struct peer *peer_get(struct hub *h, struct _zsock_t *socket, struct span id)
{
    for (struct peer *p = *bucket_of(h, id); p; p = p->next)
        if (p->socket == socket && span_same((struct span){p->id, p->id_n}, id))
            return p;
    return peer_admit(h, socket, id);
}

void peer_send(struct hub *h, struct peer *p, const struct envelope *e, struct load *body)
{
    char head[WIRE_ENVELOPE_MAX];
    size_t head_n;
    int err = wire_write(&WIRE_ENVELOPE, e, head, sizeof head, &head_n);

    MUST(!err);
    if (p->is_gone) {
        load_free(body);
        return;
    }
    err = socket_put(p->socket, (struct span){p->id, p->id_n}, (struct span){head, head_n}, body);
    if (err == ERR_AWAY)
        p->is_gone = h->has_gone_peers = true;
    else if (err)
        log_warn(err == ERR_BUSY ? "bus-slow-reader" : "bus-torn", "peer=%s.%u message=%u", p->name,
                 p->number, e->message);
}

void peer_tell(struct hub *h, struct peer *p, const struct message *m, const void *body)
{
    struct envelope e = {.version = WIRE_VERSION, .kind = MESSAGE_EVENT, .message = m->id};
    char bytes[64];
    size_t n;
    int err = wire_write(m, body, bytes, sizeof bytes, &n);

    MUST(!err);
    peer_send(h, p, &e, &(struct load){.bytes = {bytes, n}});
}

/* Looks at every peer and frees those that are gone, until a look finds none (forgetting one may show that
 * another is gone). */
void peers_sweep(struct hub *h)
{
    while (h->has_gone_peers) {
        h->has_gone_peers = false;
        for (size_t i = 0; i < PEER_BUCKETS; i++)
            for (struct peer **at = &h->bucket[i]; *at;) {
                struct peer *p = *at;
                if (!p->is_gone) {
                    at = &p->next;
                    continue;
                }
                *at = p->next;
                h->peer_n--;
                ledger_forget(h, p);
                if (!p->has_said_bye)
                    log_info("bus-peer-gone", "peer=%s.%u", p->name, p->number);
                free(p);
            }
    }
}

void peer_each(struct hub *h, void (*fn)(struct hub *h, struct peer *p, void *ctx), void *ctx)
{
    for (size_t i = 0; i < PEER_BUCKETS; i++)
        for (struct peer *p = h->bucket[i]; p; p = p->next)
            fn(h, p, ctx);
}

static void probe(struct hub *h, struct peer *p, void *ctx)
{
    const struct ctl_probe nothing = {0};

    (void)ctx;
    if (p->socket == h->outside)
        peer_tell(h, p, &MESSAGE_ctl_probe, &nothing);
}

void peers_probe(struct hub *h)
{
    if (h->now_ms < h->next_probe_ms)
        return;
    h->next_probe_ms = h->now_ms + PROBE_EVERY_MS;
    peer_each(h, probe, NULL);
}
