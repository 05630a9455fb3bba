/* actor: a replica's thread: opens its connections, then hears, runs a handler, answers; all that handlers do
 * not see. */
#include <stdlib.h>

#include "house.h"
#include "op.h"

#define CREDIT 8 /* requests in hand at once, see bus/hub_ledger.c */
#define REPLAYS_MAX 3
#define IDLE_MS 60000
#define STATEMENT_TIMEOUT_MS 30000u
#define OWN_MAX_MS 60000 /* deadline of a call that nobody asked for */

const struct conf *replica_conf(const struct replica *r)
{
    return r->bus->options.conf;
}

struct db *replica_db(struct replica *r)
{
    return r->db;
}

int replica_number(const struct replica *r)
{
    return r->number;
}

const char *replica_spool_dir(const struct replica *r)
{
    return r->bus->spool_dir[0] ? r->bus->spool_dir : NULL;
}

const char *replica_store_dir(const struct replica *r)
{
    return r->bus->options.store_dir;
}

const char *replica_mail_dir(const struct replica *r)
{
    return r->bus->options.mail_dir;
}

bool replica_has_neighbour(const struct replica *r, const char *service)
{
    for (int i = 0; i < r->bus->replica_n; i++)
        if (strcmp(r->bus->replica[i].def->name, service) == 0)
            return true;
    return false;
}

/* ---- a call
 * ---------------------------------------------------------------------------------------------------------
 */

static const struct handler *handler_of(const struct actor_def *def, const struct message *m)
{
    for (const struct handler *h = def->on; h && h->message; h++)
        if (h->message == m)
            return h;
    return NULL;
}

static void reply_forget(struct replica *r, struct call *c)
{
    if (r->has_reply)
        node_drop(r->node, &r->reply);
    r->has_reply = c->is_replied = false;
}

/* What a handler must not do: stay silent, or end while its transaction is open. */
static int ending_check(struct call *c)
{
    const char *what = NULL;

    if (c->db && db_is_in_transaction(c->db))
        what = "transaction-open";
    else if (c->message && c->message->kind == MESSAGE_REQUEST && !c->is_replied)
        what = "no-reply";
    if (!what)
        return 0;
    log_error("handler-bug", "message=%s what=%s", c->message ? c->message->name : "tick", what);
    return ERR_BUG;
}

/* A refusal of the database is the actor's, unless that said something of its own. */
static void refusal_adopt(struct refusal *refusal, int err, struct db_refusal said)
{
    if (!err || err != said.err || refusal->text.n)
        return;
    refusal->text = said.text;
    refusal->field = said.field;
}

/* One piece of work: a message for its function, an answer, or, with neither, a tick. */
struct work {
    int (*fn)(struct call *c, const void *m);
    const void *body;
    const struct answer *answer;
};

static int work_run(struct call *c, const struct work *w)
{
    const struct actor_def *def = c->replica->def;
    bool is_repeat = false;
    int err;

    *c->refusal = (struct refusal){0};
    if (c->db)
        db_call(c->db, c->arena, c->message, w->body);
    if (op_counts(c)) {
        TRY(op_note(c, w->body));
        TRY(op_repeat(c, &is_repeat));
    }
    if (is_repeat)
        return 0;
    if (w->fn)
        err = w->fn(c, w->body);
    else
        err = w->answer ? def->answered(c, w->answer) : def->tick(c);
    if (!err)
        err = ending_check(c);
    if (c->db) {
        refusal_adopt(c->refusal, err, db_refusal(c->db));
        db_rollback(c->db);
    }
    if (err)
        reply_forget(c->replica, c);
    return err;
}

/* A transaction that collided with another is run again from its start, unless it has spoken to others
 * meanwhile. */
static int work_replay(struct call *c, const struct work *w)
{
    int err = 0;

    c->replica->has_spoken = false;
    for (int i = 0; i <= REPLAYS_MAX; i++) {
        err = work_run(c, w);
        if (err != ERR_BUSY || !c->db || !db_is_collided(c->db) || c->replica->has_spoken)
            break;
    }
    return err;
}

static void refusal_pack(struct replica *r, struct call *c, int err)
{
    const struct refusal *why = c->refusal;
    struct reply_refused body = {.err = (uint16_t)err,
                                 .text = why->text,
                                 .has_text = why->text.n > 0,
                                 .field = why->field,
                                 .has_field = why->field.n > 0,
                                 .errors = why->errors,
                                 .has_errors = why->errors.n > 0};

    r->reply = (struct mail){.envelope = {.err = (uint16_t)err, .has_err = true}};
    if (node_pack(r->node, r->arena, &r->reply, &MESSAGE_reply_refused,
                  &body)) { /* words that are no text, say */
        struct reply_refused bare = {.err = (uint16_t)err};
        int bug = node_pack(r->node, r->arena, &r->reply, &MESSAGE_reply_refused, &bare);
        MUST(!bug);
    }
}

/* What is said to a request or event. */
static void answer_send(struct replica *r, struct call *c, const struct envelope *asked, int err)
{
    if (err) {
        if (c->message && c->message->kind == MESSAGE_EVENT)
            log_warn("event-failed", "actor=%s message=%s err=%s", r->def->name, c->message->name,
                     err_name(err));
        refusal_pack(r, c, err);
    } else if (!r->has_reply) { /* an event: tells the hub that it is done with */
        int bug = node_pack(r->node, r->arena, &r->reply, &MESSAGE_reply_done, &(struct reply_done){0});
        MUST(!bug);
    }
    r->reply.envelope.kind = MESSAGE_REPLY;
    r->reply.envelope.id = asked->id;
    r->reply.envelope.trace = asked->trace;
    r->reply.envelope.took_us = (uint64_t)(clock_mono_us() - c->started_us);
    r->reply.envelope.has_took_us = true;
    err = node_post(r->node, &r->reply, true);
    if (err)
        log_error("reply-lost", "actor=%s message=%u err=%s", r->def->name, asked->message, err_name(err));
}

static struct call call_of(struct replica *r, const struct message *m, struct refusal *refusal)
{
    return (struct call){.db = r->db,
                         .arena = r->arena,
                         .conf = r->bus->options.conf,
                         .replica = r,
                         .state = r->state,
                         .message = m,
                         .started_us = clock_mono_us(),
                         .refusal = refusal};
}

/* A request or event that came: its handler, and its body. */
struct visit {
    struct mail mail;
    const struct handler *handler;
    const void *body;
    struct call call;
    struct refusal refusal;
};

/* An error is the answer. */
static int visit_open(struct replica *r, struct visit *v)
{
    const struct envelope *e = &v->mail.envelope;
    const struct message *m = message_by_id(e->message);
    int err = 0;

    v->handler = m ? handler_of(r->def, m) : NULL;
    v->call = call_of(r, m, &v->refusal);
    v->call.from = e->from;
    v->call.trace = e->trace;
    v->call.deadline_ms = e->deadline_ms ? e->deadline_ms : INT64_MAX;
    r->reply = (struct mail){0};
    r->has_reply = false;
    if (!v->handler) {
        log_error("message-unheard", "actor=%s message=%u", r->def->name, e->message);
        err = ERR_UNSUPPORTED;
    } else if (v->call.started_us / 1000 >= v->call.deadline_ms) {
        err = ERR_LATE;
    }
    if (err)
        node_drop(r->node, &v->mail);
    else
        err = node_unpack(r->node, r->arena, &v->mail, m, &v->body);
    return err;
}

static void visit_handle(struct replica *r, struct visit *v)
{
    int err = visit_open(r, v);

    if (!err)
        err = work_replay(&v->call, &(struct work){.fn = v->handler->fn, .body = v->body});
    answer_send(r, &v->call, &v->mail.envelope, err);
}

/* ---- views: one statement, one document; those that came together are asked together
 * ---------------------------------------------------------------------------------------------------- */

static int view_reply(struct call *c, const struct statement *view, const struct row *row)
{
    c->replica->reply = (struct mail){0};
    c->replica->has_reply = false;
    if (!row->result || row_is_null(row, view->out[0].name))
        return ERR_NOTFOUND;
    return reply_doc(c, row_text(row, view->out[0].name));
}

static void views_handle(struct replica *r, struct visit *const *v, size_t n)
{
    struct db_question question[CREDIT];
    struct visit *asked[CREDIT];
    size_t asked_n = 0;

    for (size_t i = 0; i < n; i++) {
        int err = visit_open(r, v[i]);
        if (err) {
            answer_send(r, &v[i]->call, &v[i]->mail.envelope, err);
            continue;
        }
        question[asked_n] = (struct db_question){
            .statement = v[i]->handler->view, .message = v[i]->call.message, .body = v[i]->body};
        asked[asked_n++] = v[i];
    }
    db_ask(r->db, r->arena, question, asked_n);
    for (size_t i = 0; i < asked_n; i++) {
        struct call *c = &asked[i]->call;
        int err = question[i].err;
        refusal_adopt(c->refusal, err, question[i].refusal);
        if (!err)
            err = view_reply(c, question[i].statement, &question[i].row);
        if (err)
            reply_forget(r, c);
        answer_send(r, c, &asked[i]->mail.envelope, err);
    }
}

/* What nobody asked for, and nobody waits for. */
static int work_own(struct replica *r, const struct work *w, uint64_t trace)
{
    struct refusal refusal = {0};
    struct call c = call_of(r, NULL, &refusal);

    c.from = span_of(r->def->name);
    c.deadline_ms = clock_mono_ms() + OWN_MAX_MS;
    c.trace = trace;
    return work_replay(&c, w);
}

static void answer_handle(struct replica *r, const struct mail *mail)
{
    const struct message *m = message_by_id(mail->envelope.message);
    struct answer a = {.tag = mail->envelope.id & ~ASKED_LATER, .message = m};
    const struct reply_refused *no;
    int err = m ? node_unpack(r->node, r->arena, mail, m, &a.body) : ERR_UNSUPPORTED;

    a.err = err;
    if (!err && m == &MESSAGE_reply_refused) {
        no = a.body;
        a.err = no->err ? no->err : ERR_BUG;
        a.text = no->text;
    }
    err = work_own(r, &(struct work){.answer = &a}, mail->envelope.trace);
    if (err)
        log_warn("answer-failed", "actor=%s err=%s", r->def->name, err_name(err));
}

static void tick_run(struct replica *r)
{
    uint64_t trace;
    int err;

    if (!r->def->tick || r->number != 0 || clock_mono_ms() < r->next_tick_ms)
        return;
    crypt_random(&trace, sizeof trace);
    err = work_own(r, &(struct work){0}, trace);
    if (err)
        log_warn("tick-failed", "actor=%s err=%s", r->def->name, err_name(err));
    r->next_tick_ms = clock_mono_ms() + r->def->tick_ms;
    arena_reset(r->arena);
}

/* ---- the thread
 * ----------------------------------------------------------------------------------------------------- */

static int hub_tell(struct replica *r, const struct message *m, const void *body)
{
    struct envelope e = {.kind = MESSAGE_EVENT};

    return node_send(r->node, r->arena, &e, m, body, true);
}

/* Views may come several at a time, anything else alone. */
static int ready_tell(struct replica *r)
{
    uint16_t views[UINT8_MAX];
    size_t n = 0;

    for (const struct handler *h = r->def->on; h && h->message; h++)
        if (h->view) {
            MUST(n < sizeof views / sizeof *views);
            views[n++] = h->message->id;
        }
    return hub_tell(r, &MESSAGE_ctl_ready,
                    &(struct ctl_ready){.credit = CREDIT, .shared = {views, n}, .has_shared = n > 0});
}

static int replica_open(struct replica *r)
{
    const struct bus_options *o = &r->bus->options;

    TRY(bus_node_open(r->bus, r->def->name, &r->node));
    if (r->def->has_db) {
        MUST(o->database);
        r->statements = op_statements(r->def);
        TRY(db_open(&r->db, o->database, r->def->name, r->statements,
                    o->statement_timeout_ms ? o->statement_timeout_ms : STATEMENT_TIMEOUT_MS));
    }
    if (r->def->init)
        TRY(r->def->init(r, &r->state));
    for (const struct handler *h = r->def->on; h && h->message; h++) {
        MUST(h->fn || r->db);
        if (h->message->kind == MESSAGE_EVENT)
            TRY(hub_tell(r, &MESSAGE_ctl_listen, &(struct ctl_listen){h->message->id}));
    }
    r->next_tick_ms = clock_mono_ms();
    return ready_tell(r);
}

static int64_t tick_wait_ms(const struct replica *r)
{
    return r->def->tick && r->number == 0 ? r->next_tick_ms - clock_mono_ms() : IDLE_MS;
}

static void mail_handle(struct replica *r, struct visit *v)
{
    const struct envelope *e = &v->mail.envelope;

    if (e->kind == MESSAGE_REPLY && e->id & ASKED_LATER && r->def->answered)
        answer_handle(r, &v->mail);
    else if (e->kind == MESSAGE_REPLY) /* of an ask that waited no longer */
        node_drop(r->node, &v->mail);
    else
        visit_handle(r, v);
}

static bool is_view(const struct replica *r, const struct mail *mail)
{
    const struct message *m = message_by_id(mail->envelope.message);
    const struct handler *h = m && mail->envelope.kind == MESSAGE_REQUEST ? handler_of(r->def, m) : NULL;

    return h && h->view;
}

/* Takes what is there, at most as much as the hub may have sent. False: nothing is. */
static bool mails_handle(struct replica *r)
{
    struct visit *view[CREDIT];
    size_t n = 0, taken = 0;

    while (taken < CREDIT) {
        struct visit *v = arena_get(r->arena, sizeof *v);
        if (!node_take(r->node, r->arena, &v->mail))
            break;
        taken++;
        if (is_view(r, &v->mail))
            view[n++] = v;
        else
            mail_handle(r, v);
    }
    if (n)
        views_handle(r, view, n);
    arena_reset(r->arena);
    return taken > 0;
}

static void replica_loop(struct replica *r, struct _zsock_t *pipe)
{
    while (node_attend(r->node, pipe, tick_wait_ms(r))) {
        while (mails_handle(r))
            tick_run(r);
        tick_run(r);
    }
}

static void replica_close(struct replica *r, bool has_init)
{
    if (has_init && r->def->fini)
        r->def->fini(r, r->state);
    db_close(&r->db);
    if (r->node && hub_tell(r, &MESSAGE_ctl_bye, &(struct ctl_bye){0}))
        log_warn("replica-no-bye", "actor=%s replica=%d", r->def->name, r->number);
    node_close(&r->node);
    arena_free(&r->arena);
    free(r->statements);
    r->statements = NULL;
}

void replica_run(struct _zsock_t *pipe, void *replica)
{
    struct replica *r = replica;
    int err;

    pipe_say(pipe, 0);
    r->arena = arena_new();
    err = replica_open(r);
    if (err)
        log_error("actor-start-failed", "actor=%s replica=%d err=%s", r->def->name, r->number, err_name(err));
    pipe_say(pipe, err);
    if (!err)
        replica_loop(r, pipe);
    replica_close(r, !err);
}
