/* bus: all that an actor may call. No zmq type in it.
 *
 * An actor is a table of handlers (struct actor_def). It runs as N replicas; each is a thread with its own
 * connection to the hub and, if it wants one, to the database, and handles one request at a time, so handlers
 * are straight-line code. Views alone come several at a time, and go to the database in one round trip.
 *
 * A handler replies exactly once (reply, reply_doc, reply_see_other …) and returns 0, or returns an ERR_*
 * (after refuse() for the words) and the frame sends the refusal and rolls back. Doing neither is a bug that
 * the frame reports. */
#ifndef LOOKIT_BUS_H
#define LOOKIT_BUS_H

#include "arena.h"
#include "clock.h"
#include "conf.h"
#include "crypt.h"
#include "db.h"
#include "errors.h"
#include "json.h"
#include "log.h"
#include "message.h"
#include "messages.h"
#include "spool.h"

struct bus;     /* the running house: hub, endpoints, roster */
struct replica; /* one thread of one actor */

/* ---- a request in hand
 * -------------------------------------------------------------------------------------------- */

struct call {
    struct db *db;       /* NULL when the actor has no database */
    struct arena *arena; /* reset when the handler is done */
    const struct conf *conf;
    struct replica *replica;
    void *state;                   /* of the replica, made by init */
    const struct message *message; /* descriptor of the request */
    struct span from;              /* actor that asks, as the hub knows it: "gateway", "bridge", "ops" */
    int64_t deadline_ms;           /* clock_mono_ms() at which nobody waits any more */
    uint64_t trace;                /* id that ties everything done for one outside request together */
    struct refusal *refusal;       /* filled by refuse() and form_error() */
    int64_t started_us;            /* clock_mono_us() */
    bool is_replied;
};

/* Says why, for the person who asked: one plain sentence, no secrets. field may be NULL. Returns err, so:
 * return refuse(c, ERR_CONFLICT, NULL, "This study is not built yet."); */
int refuse(struct call *c, int err, const char *field, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Collects what is wrong with a form, field by field (at most 64), then `TRY(form_check(c))`: ERR_INVALID if
 * there was any. */
void form_error(struct call *c, const char *field, const char *fmt, ...) PRINTF_LIKE(3, 4);
int form_check(struct call *c) MUST_CHECK;

/* The same for JSON:API, where a mistake has a place below data ("attributes/sequence/0",
 * "relationships/child") and a code ("max_length"). Of mistakes of one place the first counts. The gateway
 * gives those it found itself in a message's field `faults`, so that a desk can say first that there is no
 * such row, or that it is not the asker's. */
void fault_add(struct call *c, const char *place, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* In place of what stood there. */
void fault_set(struct call *c, const char *place, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
void faults_take(struct call *c, struct span found);
struct span fault_at(const struct call *c, const char *place); /* its code; {NULL,0}: none is there */
int faults_check(struct call *c) MUST_CHECK;                   /* ERR_INVALID if there was any */
/* ERR_CONFLICT, said: a relationship that is there is of another type than expected. */
int relation_check(struct call *c, bool has, struct span type, const char *expected) MUST_CHECK;
bool list_has(struct list texts, const char *text); /* is it among these? An absent list holds nothing. */
/* One thing is wrong with the whole, under a code that is not that of err alone. Returns err. */
int fault_refuse(struct call *c, int err, const char *code, const char *sentence);

/* Replies. Each returns 0 or an ERR_* to return. m is the reply that the request's schema names. What is said
 * goes out when the handler returns 0 with no transaction open, so "done" is never said before the commit. */
int reply(struct call *c, const struct message *m, const void *body) MUST_CHECK;
int reply_doc(struct call *c, struct span json) MUST_CHECK; /* reply.doc */
int reply_created(struct call *c, struct span json, const char *fmt, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;          /* 201 + Location */
int reply_done(struct call *c) MUST_CHECK; /* reply.done: nothing to show */
int reply_see_other(struct call *c, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK; /* 303, local path */
/* The same, with a sentence that the next page shows once. */
int reply_see_other_noting(struct call *c, const char *note, const char *fmt, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;
/* The same when nothing was done, and the sentence says why: a page of buttons has no form to show again. */
int reply_see_other_warning(struct call *c, const char *note, const char *fmt, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;

/* Commits the transaction in hand. A message with a field op_id keeps its reply with what it did, so that a
 * repeat of it is answered and not done again: such a handler replies first and commits with this. */
int call_commit(struct call *c) MUST_CHECK;
/* What a repeat is answered with where the reply is longer than may be kept (64 KiB): the same message,
 * shorter. Between the reply and call_commit(); a short reply is kept itself. */
int reply_shorter(struct call *c, const void *body) MUST_CHECK;

/* Says an event to all who listen: every port, and one replica of each service that does. Only after the
 * commit of its cause (inside a transaction it is a bug). Losing it loses nothing. At most 64 KiB. */
void say(struct call *c, const struct message *m, const void *body);

/* Asks another service and waits for its answer (hands and the scheduler; desks only outside a transaction,
 * and never in a ring). out: struct of m's reply message, in the call's arena. Fails with the other's
 * refusal, ERR_BUSY, ERR_LATE. */
int ask(struct call *c, const struct message *m, const void *body, uint32_t wait_ms,
        const void **out) MUST_CHECK;

/* Asks without waiting: the answer comes to the actor's `answered`, with this tag. A service that is not
 * there or a deadline that passed are answers too, but nothing can be sure to arrive: whoever must know keeps
 * a deadline of its own. ERR_BUSY: the hub takes no more; ERR_MALFORMED, ERR_TOOBIG: the body breaks a bound.
 */
int ask_later(struct call *c, const struct message *m, const void *body, uint32_t wait_ms,
              uint64_t tag) MUST_CHECK;

/* ---- an actor
 * ----------------------------------------------------------------------------------------------------- */

struct handler {
    const struct message *message;            /* request, or event to listen to */
    int (*fn)(struct call *c, const void *m); /* NULL: VIEW */
    const struct statement *view;             /* VIEW: one statement, one document */
};
/* ON(study_activate, on_activate): handler int on_activate(struct call *, const struct study_activate *) */
#define ON(msg, handler_fn)                                                                      \
    {                                                                                            \
        .message = &MESSAGE_##msg, .fn = (int (*)(struct call *, const void *))(void (*)(void))( \
                                       (int (*)(struct call *, const struct msg *))(handler_fn)) \
    }
/* VIEW(study_page): the statement actors/.../sql/study_page.sql answers the request study.page. No row, or
 * null: ERR_NOTFOUND. */
#define VIEW(msg)                                     \
    {                                                 \
        .message = &MESSAGE_##msg, .view = &SQL_##msg \
    }

struct answer;

struct actor_def {
    const char *name;             /* service name that messages name in `to` */
    const struct conf_item *conf; /* may be NULL; ended by key NULL */
    bool has_db;
    /* Once per replica, in its thread. *state is given to every call. Failing stops the start, said aloud. */
    int (*init)(struct replica *r, void **state);
    void (*fini)(struct replica *r, void *state);
    /* Called about every tick_ms in the first replica only, with a call that has no message; an error is
     * logged. */
    uint32_t tick_ms;
    int (*tick)(struct call *c);
    /* What ask_later brought, with a call that has no message; an error is logged. */
    int (*answered)(struct call *c, const struct answer *a);
    const struct handler *on;           /* ended by {0} */
    const struct statement *const *sql; /* all statements, NULL-terminated (generated: NAME_sql) */
    /* `lookit check`: settings sane, neighbours reachable; words into out. */
    int (*check)(const struct conf *conf, void (*out)(void *ctx, const char *line), void *ctx);
};

const struct conf *replica_conf(const struct replica *r);
struct db *replica_db(struct replica *r);
int replica_number(const struct replica *r);
/* Is this one of the actors that run in this house? */
bool replica_has_neighbour(const struct replica *r, const char *service);
/* Folders for spool_open() and store_open(), and that of a maildir; NULL when the house has none. They live
 * as long as the house. */
const char *replica_spool_dir(const struct replica *r);
const char *replica_store_dir(const struct replica *r);
const char *replica_mail_dir(const struct replica *r);

/* ---- the house
 * ---------------------------------------------------------------------------------------------------- */

struct roster_entry {
    const struct actor_def *def;
    int replicas;      /* standard number; the setting NAME-replicas overrides */
    const char *roles; /* "web worker …" */
};

/* What bus_start needs. Everything is borrowed until bus_stop. */
struct bus_options {
    const struct conf *conf;           /* NULL in tests; else it knows NAME-replicas of every entry */
    const struct roster_entry *roster; /* ended by def NULL */
    const char *roles;                 /* "all" or list */
    const char *database;              /* conninfo, or NULL when no actor has_db */
    const char *run_dir;           /* made if missing (0700): ops.ipc, tap.ipc; NULL: nobody from outside */
    const char *spool_dir;         /* bodies above 64 KiB and what handlers put there; NULL: run_dir/spool */
    const char *store_dir;         /* what is kept on disk (store.h); NULL when no actor keeps anything */
    const char *mail_dir;          /* maildir for what is not sent by SMTP; NULL when no actor writes mails */
    uint32_t queue_max;            /* requests that may wait for one service; 0 = 256 */
    uint32_t statement_timeout_ms; /* of every connection; 0 = 30,000 */
};
/* Starts hub and replicas of the roster entries whose roles intersect; returns when all said READY or one
 * failed (logged as actor-start-failed, everything ended again): its error. ERR_CONFLICT: a house lives in
 * run_dir already. crypt_init comes before. No thread takes signals. */
int bus_start(struct bus **b, const struct bus_options *options) MUST_CHECK;
/* Close ports first. Lets requests in hand finish (at most 10 s), then ends every thread; one that does not
 * end is left alone and logged as replica-lost. */
void bus_stop(struct bus **b);

/* ---- port: asking without waiting (the gateway, the CLI, tests)
 * ----------------------------------------------------- */

struct port; /* one thread */

/* name: "gateway", "ops", "bridge": what the hub will know this port as. Inside the house b is given; from
 * another process (CLI) b is NULL and run_dir says where the house lives. */
int port_open(struct port **p, struct bus *b, const char *run_dir,
              const char *name) MUST_CHECK; /* ERR_AWAY: no house there */
void port_close(struct port **p);
int port_fd(const struct port *p); /* readable: call port_next until it says nothing is left. Edge-triggered:
                                      also after port_ask. */

struct answer {
    uint64_t tag;                  /* given to port_ask; 0 for events */
    int err;                       /* 0, or ERR_* of a refusal (ERR_LATE and ERR_BUSY included) */
    const struct message *message; /* of the reply or event; NULL on refusal */
    const void *body;              /* its struct, in the arena given to port_next */
    struct span text;              /* refusal: one sentence */
    struct span field;             /* refusal: field or {0} */
    struct span errors;            /* refusal: JSON {"field":["sentence",…],…} of a form, or {0} */
};
/* wait_ms 0 = the message's own. Every ask that returns 0 has exactly one answer, a late one included.
 * ERR_BUSY: 1024 asks are open, or the hub takes no more; ERR_MALFORMED, ERR_TOOBIG: the body breaks a bound
 * of its table. */
int port_ask(struct port *p, const struct message *m, const void *body, uint32_t wait_ms, uint64_t trace,
             uint64_t tag) MUST_CHECK;
int port_listen(struct port *p, const struct message *event) MUST_CHECK;
/* When the next deadline of what was asked is (clock_mono_ms), for the wait of an event loop; INT64_MAX:
 * nothing is asked. */
int64_t port_deadline_ms(const struct port *p);
/* false: nothing now. wait_ms: how long to wait for one at most (0 = not at all). Deadlines are checked here.
 */
bool port_next(struct port *p, struct arena *a, struct answer *out, uint32_t wait_ms);

/* Blocking convenience for CLI and tests: returns answer.err. Answers to earlier asks and events stay for
 * port_next. */
int port_call(struct port *p, struct arena *a, const struct message *m, const void *body, uint32_t wait_ms,
              struct answer *out) MUST_CHECK;

/* ---- tap: watching the traffic (ops, from any process that may open run_dir)
 * ---------------------------------------- */

struct tap;
int tap_open(struct tap **t, const char *run_dir) MUST_CHECK; /* ERR_AWAY: no house there */
void tap_close(struct tap **t);
/* Next message that passed the hub, masked; false: none within wait_ms. Keeps the tap running. *copy lives in
 * the arena. */
bool tap_next(struct tap *t, struct arena *a, const struct ctl_copy **copy, uint32_t wait_ms);

#endif
