/* node: see the header. */
#include "node.h"

#include <czmq.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "clock.h"
#include "errors.h"
#include "log.h"

#define STASH_MAX 64u
#define SEND_WAIT_MS 1000
#define LINGER_MS 1000

#define SOCKETS_MAX 2048 /* three for each of 256 replicas, the rest for ports */
#define QUEUE_MAX 1000   /* messages that wait at one end of a connection */
#define PIPE_MAX 1000    /* words in a pipe: more than the hub ever says */

struct parcel {
    zframe_t *envelope, *body;
};

struct node {
    zsock_t *socket;
    struct spool *spool;
    const char *spool_dir;
    struct parcel stash[STASH_MAX]; /* mail that came while another was waited for: a ring */
    size_t stash_at, stash_n;
};

/* CZMQ ends itself when the process does. */
static void zsys_start(void)
{
    zsys_handler_set(NULL); /* signals are not CZMQ's to take */
    MUST(zsys_init());
    zsys_set_logstream(stderr);
    zsys_set_max_sockets(SOCKETS_MAX);
    zsys_set_linger(LINGER_MS);
    zsys_set_sndhwm(QUEUE_MAX);
    zsys_set_rcvhwm(QUEUE_MAX);
    zsys_set_pipehwm(PIPE_MAX);
}

void node_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    MUST(pthread_once(&once, zsys_start) == 0);
}

int node_open(struct node **n, const struct node_options *options)
{
    struct node *made = calloc(1, sizeof *made);

    MUST(made && "memory");
    node_init();
    made->spool_dir = options->spool_dir;
    made->socket = zsock_new(options->is_tap ? ZMQ_SUB : ZMQ_DEALER);
    MUST(made->socket);
    zsock_set_sndtimeo(made->socket, SEND_WAIT_MS);
    zsock_set_rcvtimeo(made->socket, 0); /* waiting is node_wait's */
    if (options->is_tap)
        zsock_set_subscribe(made->socket, "");
    if (options->ticket.n)
        MUST(zmq_setsockopt(zsock_resolve(made->socket), ZMQ_ROUTING_ID, options->ticket.p,
                            options->ticket.n) == 0);
    if (zsock_connect(made->socket, "%s", options->endpoint)) {
        log_warn("bus-away", "endpoint=%s errno=%d", options->endpoint, errno);
        node_close(&made);
        return ERR_AWAY;
    }
    *n = made;
    return 0;
}

static void parcel_free(struct parcel *p)
{
    zframe_destroy(&p->envelope);
    zframe_destroy(&p->body);
}

void node_close(struct node **n)
{
    if (!*n)
        return;
    for (size_t i = 0; i < (*n)->stash_n; i++)
        parcel_free(&(*n)->stash[((*n)->stash_at + i) % STASH_MAX]);
    zsock_destroy(&(*n)->socket);
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
    void *raw = zsock_resolve(n->socket); /* a zframe of each would be one more allocation */
    int flags = may_wait ? 0 : ZMQ_DONTWAIT, rc;
    size_t head_n;

    TRY(wire_write(&WIRE_ENVELOPE, &mail->envelope, head, sizeof head, &head_n));
    do
        rc = zmq_send(raw, head, head_n, flags | ZMQ_SNDMORE);
    while (rc < 0 && errno == EINTR);
    if (rc < 0) {
        log_warn("bus-full", "message=%u errno=%d", mail->envelope.message, errno);
        return ERR_BUSY;
    }
    /* Queue marks count whole messages, so the second frame fits, unless the other end just went away: then
     * ZeroMQ takes the first one back, and waiting here would send the body alone. */
    do
        rc = zmq_send(raw, mail->body.p ? mail->body.p : "", mail->body.n, ZMQ_DONTWAIT);
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

static struct span frame_span(zframe_t *frame)
{
    return (struct span){(const char *)zframe_data(frame), zframe_size(frame)};
}

static zframe_t *frame_receive(struct node *n)
{
    zframe_t *frame;

    do
        frame = zframe_recv(n->socket);
    while (!frame && errno == EINTR);
    return frame;
}

/* Receives one message of exactly two frames; false: nothing there. Others are read to their end and skipped.
 */
static bool parcel_receive(struct node *n, struct parcel *p)
{
    while ((p->envelope = frame_receive(n))) {
        p->body = zframe_more(p->envelope) ? frame_receive(n) : NULL;
        if (p->body && !zframe_more(p->body))
            return true;
        log_error("bus-noise", "frames=odd");
        zsock_flush(n->socket);
        parcel_free(p);
    }
    return false;
}

/* Copies into the arena, so that the message's memory returns to ZeroMQ at once. Takes the parcel. */
static int parcel_read(struct parcel *p, struct arena *a, struct mail *mail)
{
    int err = wire_unpack(a, &WIRE_ENVELOPE, arena_copy(a, frame_span(p->envelope)), &mail->envelope, NULL);

    mail->body = arena_copy(a, frame_span(p->body));
    parcel_free(p);
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
            p = n->stash[n->stash_at];
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
        parcel_free(p);
        return;
    }
    n->stash[(n->stash_at + n->stash_n) % STASH_MAX] = *p;
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
        if (!wire_unpack(a, &WIRE_ENVELOPE, frame_span(p.envelope), &e, NULL) && e.kind == MESSAGE_REPLY &&
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

static int wait_bound(int64_t wait_ms)
{
    return wait_ms < 0 ? 0 : wait_ms > INT_MAX ? INT_MAX : (int)wait_ms;
}

void node_wait(struct node *n, int64_t wait_ms)
{
    zmq_pollitem_t item = {.socket = zsock_resolve(n->socket), .events = ZMQ_POLLIN};

    if (n->stash_n == 0 && wait_ms > 0)
        (void)zmq_poll(&item, 1, wait_bound(wait_ms));
}

int node_fd(const struct node *n)
{
    return zsock_fd(n->socket);
}

/* ---- threads
 * -------------------------------------------------------------------------------------------------------- */

/* Signals belong to the thread that started the house. */
struct _zactor_t *actor_start(void (*fn)(struct _zsock_t *pipe, void *arg), void *arg)
{
    sigset_t all, before;
    zactor_t *a;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    a = zactor_new(fn, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    MUST(a);
    zsock_set_sndtimeo(a, 0); /* a thread that has ended hears nothing */
    return a;
}

void actor_tell(struct _zactor_t *a, const char *word)
{
    (void)zstr_send(a, word);
}

/* Is there a word? */
static bool actor_wait(struct _zactor_t *a, int64_t deadline_ms)
{
    zmq_pollitem_t item = {.socket = zsock_resolve(a), .events = ZMQ_POLLIN};
    int rc;

    do
        rc = zmq_poll(&item, 1, wait_bound(deadline_ms - clock_mono_ms()));
    while (rc < 0 && errno == EINTR);
    return rc > 0;
}

int actor_hear(struct _zactor_t *a, int64_t deadline_ms, int *word)
{
    if (!actor_wait(a, deadline_ms))
        return ERR_LATE;
    *word = zsock_wait(a);
    return 0;
}

/* The last word is CZMQ's own, said when fn has returned. zactor_destroy would wait for it without end. */
bool actor_end(struct _zactor_t **a, int64_t deadline_ms)
{
    actor_tell(*a, "$TERM");
    if (!actor_wait(*a, deadline_ms))
        return false;
    zactor_destroy(a);
    return true;
}

void pipe_say(struct _zsock_t *pipe, int word)
{
    MUST(word >= 0 && word <= 255);
    (void)zsock_signal(pipe, (byte)word);
}

bool node_attend(struct node *n, struct _zsock_t *pipe, int64_t wait_ms)
{
    zmq_pollitem_t items[] = {{.socket = zsock_resolve(pipe), .events = ZMQ_POLLIN},
                              {.socket = zsock_resolve(n->socket), .events = ZMQ_POLLIN}};

    (void)zmq_poll(items, 2, n->stash_n ? 0 : wait_bound(wait_ms));
    return !(items[0].revents & ZMQ_POLLIN); /* the only word is $TERM */
}
