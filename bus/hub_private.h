/* hub_private: what the hub's files share. */
#ifndef LOOKIT_HUB_PRIVATE_H
#define LOOKIT_HUB_PRIVATE_H

#include "hub.h"
#include "hub_gauge.h"
#include "mail.h"
#include "messages.h"
#include "ticket.h"

#define PEERS_MAX 1024u
#define PEER_BUCKETS 256u
#define REQUESTS_MAX 4096u
#define SERVICES_MAX 64u
#define LISTENS_MAX 64u
#define WAIT_MAX_MS 600000 /* no deadline lies further away */
#define STOP_MAX_MS 10000
#define PROBE_EVERY_MS 5000
#define STUCK_AFTER_MS 30000 /* behind its deadline a request in hand is a stuck replica */
#define SHARE_MAX_US 3000    /* nothing is put behind what has been in a replica's hand for longer */

struct _zframe_t; /* CZMQ's: one frame, in ZeroMQ's memory */
struct _zsock_t;  /* CZMQ's: a socket */

/* A body on its way: bytes, in a frame that is ours to free; without a frame they are borrowed. */
struct load {
    struct span bytes;
    struct _zframe_t *frame;
};

/* One end of a connection: a replica or a port. */
struct peer {
    struct peer *next; /* of its bucket */
    struct _zsock_t *socket;
    char id[256]; /* ZeroMQ routing id */
    size_t id_n;
    char name[TICKET_NAME_MAX];
    uint32_t number;
    bool is_gone; /* swept at the end of the turn */
    bool has_said_bye;
    struct service *service; /* of a replica */
    uint32_t credit, in_hand;
    bool is_sharing;  /* what is in its hand may have company */
    int64_t moved_us; /* since then nothing in its hand has ended */
    bool is_ready_listed;
    struct peer *ready_next, *mate; /* mate: the next replica of its service */
    uint16_t listens[LISTENS_MAX];
    size_t listens_n;
};

struct request {
    uint64_t id;          /* on the replica's side: generation << 16 | place + 1 */
    struct request *next; /* in the queue, or in the free list */
    bool is_used, is_queued, is_late;
    struct peer *asker; /* NULL: an event, or the asker is gone */
    uint64_t asker_id;
    const struct message *m;
    struct service *service;
    struct peer *holder; /* NULL while queued */
    int64_t deadline_ms; /* INT64_MAX: an event */
    int64_t came_us;
    char from[TICKET_NAME_MAX];
    struct envelope envelope; /* as it came; spans in sha256 */
    char sha256[32];
    struct load body;
};

struct service {
    char name[TICKET_NAME_MAX];
    struct request *first, *last;
    size_t queue_n;
    struct peer *ready_first, *ready_last; /* with nothing in hand, longest waiting first */
    struct peer *replica;                  /* all of them, by their mates */
    size_t replicas, in_hand, stuck;
    bool is_paused;
    bool has_news; /* something came or ended since it was handed out */
    uint16_t listens[LISTENS_MAX];
    size_t listens_n;
    struct gauge gauge;
};

/* Per message, by its place in messages[]. */
struct tally {
    uint64_t n, refused, took_us;
    bool is_shared; /* its replica takes several of these at once */
};

struct hub {
    struct hub_options options;
    struct _zsock_t *pipe; /* to who started us */
    struct _zsock_t *inside, *outside, *tap;
    struct arena *arena; /* reset after each mail */
    struct spool *spool;
    struct service service[SERVICES_MAX];
    size_t service_n;
    struct peer *bucket[PEER_BUCKETS];
    size_t peer_n;
    bool has_gone_peers;
    struct request request[REQUESTS_MAX];
    struct request *free;
    struct tally *tally;    /* messages_n of them */
    int64_t now_us, now_ms; /* of this turn */
    int64_t next_deadline_ms, next_probe_ms;
    size_t processors;
    int64_t tap_until_ms, started_ms, stop_at_ms;
    bool is_stopping, is_drained, is_over;
    uint64_t strangers, noise, denied, foreign_replies, tap_dropped;
};

/* ---- hub.c: the sockets, and all that touches ZeroMQ */
/* id of a ROUTER's peer, or {0}; takes the body. ERR_AWAY: nobody has that id; ERR_BUSY: its queue is full;
 * ERR_BUG: torn. */
int socket_put(struct _zsock_t *socket, struct span id, struct span head, struct load *body) MUST_CHECK;
struct load load_copy(struct span bytes);
void load_free(struct load *l); /* its bytes too are gone, if they lay in a frame */

/* ---- hub_route.c: the way of each message; a body that goes on is taken, else it stays the caller's */
void request_hear(struct hub *h, struct peer *asker, const struct envelope *e, struct load *body);
void reply_hear(struct hub *h, struct peer *p, struct envelope *e, struct load *body);
void event_hear(struct hub *h, struct peer *p, struct envelope *e, struct load *body);

/* ---- hub_peers.c: who is there, and how something gets to them */
struct peer *peer_get(struct hub *h, struct _zsock_t *socket,
                      struct span id); /* NULL: a stranger (counted) */
void peer_send(struct hub *h, struct peer *p, const struct envelope *e, struct load *body); /* takes body */
void peer_tell(struct hub *h, struct peer *p, const struct message *m,
               const void *body); /* an event of the hub's own */
void peers_sweep(struct hub *h);
void peers_probe(struct hub *h);
void peer_each(struct hub *h, void (*fn)(struct hub *h, struct peer *p, void *ctx), void *ctx);

/* ---- hub_ledger.c: requests that wait or are in hand */
void ledger_init(struct hub *h);
void ledger_fini(struct hub *h);
struct service *service_get(struct hub *h, const char *name); /* NULL: none */
struct service *service_make(struct hub *h,
                             const char *name); /* name: of a message or a ticket, so there are few */
struct request *request_new(struct hub *h, struct service *s, const struct message *m,
                            const struct envelope *e, const char *from,
                            struct load *body); /* takes body's frame, its bytes stay readable; NULL: the
                                                   table is full (body stays) */
struct request *request_get(struct hub *h, uint64_t id); /* NULL: none */
void request_free(struct hub *h, struct request *r);     /* not while queued */
void request_queue(struct hub *h, struct request *r);
void replica_join(struct service *s, struct peer *p);    /* a new one, still with nothing to do */
void replica_ready(struct service *s, struct peer *p);   /* listed, if its hand is empty */
void service_dispatch(struct hub *h, struct service *s); /* hands out what waits for it */
bool service_has_room(struct hub *h, struct service *s); /* for one more that waits */
void ledger_dispatch(struct hub *h);                     /* at the end of a turn: hands out what waits */
void ledger_expire(struct hub *h);
void ledger_forget(struct hub *h, struct peer *p); /* p is gone: as asker, as holder, as replica */
bool ledger_is_idle(const struct hub *h);

/* ---- hub_desk.c: what the hub itself answers, and the tap */
void desk_answer(struct hub *h, struct peer *asker, const struct message *m, const struct envelope *e,
                 struct span body);
void desk_reply(struct hub *h, struct peer *asker, const struct envelope *request, const struct message *m,
                const void *body, int err);
void desk_refuse(struct hub *h, struct peer *asker, const struct envelope *request, int err,
                 const char *text);
struct tap_line {
    const struct message *m;
    const char *from, *to;
    uint64_t id;
    int64_t took_us; /* < 0: none */
};
void desk_tap(struct hub *h, const struct tap_line *line, const struct envelope *e, struct span body);

/* ---- hub_show.c */
struct span hub_show(struct hub *h);
struct span hub_metrics(struct hub *h);
size_t message_place(const struct message *m); /* in messages[] */

#endif
