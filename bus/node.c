/* node: see the header. */
#include "node.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zmq.h>

#include "clock.h"
#include "errors.h"
#include "log.h"

#define STASH_MAX 64u
#define SEND_WAIT_MS 1000
#define LINGER_MS 1000

struct parcel {
    zmq_msg_t envelope, body;
};

struct node {
    void *context; /* only when it is our own */
    void *socket;
    struct spool *spool;
    const char *spool_dir;
    struct parcel stash[STASH_MAX]; /* mail that came while another was waited for: a ring */
    size_t stash_at, stash_n;
};

void *node_context_new(void)
{
    void *context = zmq_ctx_new();

    MUST(context);
    return context;
}

void node_context_free(void **context)
{
    while (*context && zmq_ctx_term(*context) && errno == EINTR)
        ;
    *context = NULL;
}

static void option_set(void *socket, int option, int value)
{
    int rc = zmq_setsockopt(socket, option, &value, sizeof value);
    MUST(rc == 0);
}

int node_open(struct node **n, const struct node_options *options)
{
    struct node *made = calloc(1, sizeof *made);
    void *context = options->context;

    MUST(made && "memory");
    if (!context)
        context = made->context = node_context_new();
    made->spool_dir = options->spool_dir;
    made->socket = zmq_socket(context, options->is_tap ? ZMQ_SUB : ZMQ_DEALER);
    MUST(made->socket);
    option_set(made->socket, ZMQ_LINGER, LINGER_MS);
    option_set(made->socket, ZMQ_SNDTIMEO, SEND_WAIT_MS);
    if (options->is_tap)
        MUST(zmq_setsockopt(made->socket, ZMQ_SUBSCRIBE, "", 0) == 0);
    if (options->ticket.n)
        MUST(zmq_setsockopt(made->socket, ZMQ_ROUTING_ID, options->ticket.p, options->ticket.n) == 0);
    if (zmq_connect(made->socket, options->endpoint)) {
        log_warn("bus-away", "endpoint=%s errno=%d", options->endpoint, errno);
        node_close(&made);
        return ERR_AWAY;
    }
    *n = made;
    return 0;
}

static void parcel_init(struct parcel *p)
{
    (void)zmq_msg_init(&p->envelope);
    (void)zmq_msg_init(&p->body);
}

/* to was closed or never used */
static void parcel_move(struct parcel *to, struct parcel *from)
{
    parcel_init(to);
    (void)zmq_msg_move(&to->envelope, &from->envelope);
    (void)zmq_msg_move(&to->body, &from->body);
}

static void parcel_close(struct parcel *p)
{
    (void)zmq_msg_close(&p->envelope);
    (void)zmq_msg_close(&p->body);
}

void node_close(struct node **n)
{
    if (!*n)
        return;
    for (size_t i = 0; i < (*n)->stash_n; i++)
        parcel_close(&(*n)->stash[((*n)->stash_at + i) % STASH_MAX]);
    (void)zmq_close((*n)->socket);
    node_context_free(&(*n)->context);
    spool_close(&(*n)->spool);
    free(*n);
    *n = NULL;
}

/* ---- out
 * ------------------------------------------------------------------------------------------------------------
 */

int node_pack(struct node *n, struct arena *a, struct mail *mail, const struct message *m, const void *body)
{
    return mail_pack(mail, a, m, body, &n->spool, n->spool_dir);
}

int node_post(struct node *n, const struct mail *mail, bool may_wait)
{
    char head[WIRE_ENVELOPE_MAX];
    int flags = may_wait ? 0 : ZMQ_DONTWAIT, rc;
    size_t head_n;

    TRY(wire_write(&WIRE_ENVELOPE, &mail->envelope, head, sizeof head, &head_n));
    do
        rc = zmq_send(n->socket, head, head_n, flags | ZMQ_SNDMORE);
    while (rc < 0 && errno == EINTR);
    if (rc < 0) {
        log_warn("bus-full", "message=%u errno=%d", mail->envelope.message, errno);
        return ERR_BUSY;
    }
    /* Queue marks count whole messages, so the second frame fits, unless the other end just went away: then
     * ZeroMQ takes the first one back, and waiting here would send the body alone. */
    do
        rc = zmq_send(n->socket, mail->body.p ? mail->body.p : "", mail->body.n, ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    return rc < 0 ? ERR_BUSY : 0;
}

int node_send(struct node *n, struct arena *a, struct envelope *e, const struct message *m, const void *body,
              bool may_wait)
{
    struct mail mail = {.envelope = *e};
    int err;

    TRY(node_pack(n, a, &mail, m, body));
    err = node_post(n, &mail, may_wait);
    if (err)
        node_drop(n, &mail);
    return err;
}

/* ---- in
 * -------------------------------------------------------------------------------------------------------------
 */

static struct span msg_span(zmq_msg_t *msg)
{
    return (struct span){zmq_msg_data(msg), zmq_msg_size(msg)};
}

/* Receives one message of exactly two frames; false: nothing there. Others are read to their end and skipped.
 */
static bool parcel_receive(struct node *n, struct parcel *p)
{
    for (;;) {
        bool is_whole = false;
        int rc;
        parcel_init(p);
        do
            rc = zmq_msg_recv(&p->envelope, n->socket, ZMQ_DONTWAIT);
        while (rc < 0 && errno == EINTR);
        if (rc < 0)
            break;
        if (zmq_msg_more(&p->envelope)) {
            rc = zmq_msg_recv(&p->body, n->socket, 0);
            is_whole = rc >= 0 && !zmq_msg_more(&p->body);
        }
        if (is_whole)
            return true;
        log_error("bus-noise", "frames=odd");
        while (zmq_msg_more(&p->body) && zmq_msg_recv(&p->body, n->socket, 0) >= 0)
            ;
        parcel_close(p);
    }
    parcel_close(p);
    return false;
}

/* Copies into the arena, so that the message's memory returns to ZeroMQ at once. Takes the parcel. */
static int parcel_read(struct parcel *p, struct arena *a, struct mail *mail)
{
    int err = wire_unpack(a, &WIRE_ENVELOPE, arena_copy(a, msg_span(&p->envelope)), &mail->envelope, NULL);

    mail->body = arena_copy(a, msg_span(&p->body));
    parcel_close(p);
    if (!err && mail->envelope.version != WIRE_VERSION)
        err = ERR_UNSUPPORTED;
    if (err)
        log_error("bus-noise", "envelope=%s", err_name(err));
    return err;
}

bool node_take(struct node *n, struct arena *a, struct mail *mail)
{
    struct parcel p;

    for (;;) {
        if (n->stash_n) {
            parcel_move(&p, &n->stash[n->stash_at]);
            n->stash_at = (n->stash_at + 1) % STASH_MAX;
            n->stash_n--;
        } else if (!parcel_receive(n, &p)) {
            return false;
        }
        if (!parcel_read(&p, a, mail))
            return true;
    }
}

static void stash_add(struct node *n, struct parcel *p)
{
    if (n->stash_n == STASH_MAX) {
        log_error("bus-stash-full", "dropped=1");
        parcel_close(p);
        return;
    }
    parcel_move(&n->stash[(n->stash_at + n->stash_n) % STASH_MAX], p);
    n->stash_n++;
}

int node_take_reply(struct node *n, struct arena *a, uint64_t id, int64_t deadline_ms, struct mail *mail)
{
    struct parcel p;

    for (;;) {
        struct envelope e;
        int64_t now = clock_mono_ms();
        if (now >= deadline_ms)
            return ERR_LATE;
        if (!parcel_receive(n, &p)) {
            node_wait(n, deadline_ms - now);
            continue;
        }
        if (!wire_unpack(a, &WIRE_ENVELOPE, msg_span(&p.envelope), &e, NULL) && e.kind == MESSAGE_REPLY &&
            e.id == id) {
            if (!parcel_read(&p, a, mail))
                return 0;
            continue;
        }
        stash_add(n, &p);
    }
}

int node_unpack(struct node *n, struct arena *a, const struct mail *mail, const struct message *m,
                const void **body)
{
    return mail_unpack(mail, a, m, body, &n->spool, n->spool_dir);
}

void node_drop(struct node *n, const struct mail *mail)
{
    mail_drop(&mail->envelope, &n->spool, n->spool_dir);
}

void node_wait(struct node *n, int64_t wait_ms)
{
    zmq_pollitem_t item = {.socket = n->socket, .events = ZMQ_POLLIN};

    if (n->stash_n == 0 && wait_ms > 0)
        (void)zmq_poll(&item, 1, wait_ms > INT_MAX ? INT_MAX : (long)wait_ms);
}

int node_fd(const struct node *n)
{
    int fd = -1;
    size_t size = sizeof fd;
    int rc = zmq_getsockopt(n->socket, ZMQ_FD, &fd, &size);

    MUST(rc == 0);
    return fd;
}
