/* scheduler: keeper of the job ledger. Leases jobs that are due, hands each to the actor that does its kind,
 * and writes down how it ended.
 *
 * Hears:  job.* (ops; job.added from whoever added one)      Says:  the message that a job is named after
 * Owns:   table job
 * Blocks: on its own connection, at most statement_timeout; never on a hand
 *
 * The kind of a job is the name of its message (schemas/messages/job.toml). Only kinds whose hand lives in
 * this house are leased; other houses on the same database take theirs. A lease is short and renewed while
 * the hand works, so that what a crash left is soon taken again. Each kind has its own places: one that is
 * slow never holds up another.
 */
#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>

#include "scheduler_sql.h"

enum {
    KINDS_MAX = 32,
    WHY_BYTES = 1000, /* as reply.refused */
    TICK_MS = 2000,
    LEASE_S = 30,
    RENEW_EVERY_MS = 10000,
    SWEEP_EVERY_MS = 3600000,
    GRACE_MS = 5000 /* an answer may be on its way when its deadline passes */
};

static const struct conf_item settings[] = {
#define CONF CONF_ITEM
#include "conf.def"
#undef CONF
    {0}};

/* A job that a hand has. */
struct task {
    const struct message *kind; /* NULL: free */
    uint64_t tag;
    int64_t job;
    int64_t until_ms;
    bool is_over; /* how is known, and not yet written down */
    int err;
    char why[WHY_BYTES];
    size_t why_n;
};

struct keeper {
    char owner[40];
    const struct message *kind[KINDS_MAX];
    size_t kind_n;
    int at_once; /* places of each kind */
    struct task *task;
    size_t task_n;
    uint64_t tags;
    int64_t renew_at_ms, sweep_at_ms;
    bool has_waited; /* a tick has passed: the hands, which start beside us, are there */
};

/* ---- kinds
 * -------------------------------------------------------------------------------------------------------- */

/* What every message of a job carries. */
static const struct {
    const char *name;
    enum field_type type;
} carried[] = {{"job", FIELD_U64},
               {"op_id", FIELD_STR},
               {"payload", FIELD_JSON},
               {"attempt", FIELD_U32},
               {"added_at", FIELD_TIME}};
enum { CARRIED = sizeof carried / sizeof *carried };

static bool is_ours(const struct message *m, const struct replica *r)
{
    if (m->kind != MESSAGE_REQUEST || !replica_has_neighbour(r, m->to))
        return false;
    for (const char *const *from = m->from; *from; from++)
        if (strcmp(*from, "scheduler") == 0)
            return true;
    return false;
}

static void kind_add(struct keeper *k, const struct message *m)
{
    for (size_t i = 0; i < CARRIED; i++) {
        const struct field *f = message_field(m, span_of(carried[i].name));
        MUST(f && f->type == carried[i].type && !f->is_optional);
    }
    MUST(k->kind_n < KINDS_MAX);
    k->kind[k->kind_n++] = m;
}

static int init(struct replica *r, void **state)
{
    struct keeper *k = calloc(1, sizeof *k);
    uint64_t mark;

    MUST(k && "memory");
    crypt_random(&mark, sizeof mark);
    (void)snprintf(k->owner, sizeof k->owner, "scheduler-%016llx", (unsigned long long)mark);
    for (size_t i = 0; i < messages_n; i++)
        if (is_ours(messages[i], r))
            kind_add(k, messages[i]);
    k->at_once = (int)conf_int(replica_conf(r), "jobs-at-once");
    k->task_n = k->kind_n * (size_t)k->at_once;
    k->task = calloc(k->task_n ? k->task_n : 1, sizeof *k->task);
    MUST(k->task && "memory");
    *state = k;
    return 0;
}

static void fini(struct replica *r, void *state)
{
    struct keeper *k = state;

    (void)r;
    free(k->task);
    free(k);
}

/* ---- how a job ended
 * ---------------------------------------------------------------------------------------------- */

static void task_end(struct task *t, int err, struct span why)
{
    t->is_over = true;
    t->err = err;
    t->why_n = why.n < sizeof t->why ? why.n : 0;
    if (t->why_n)
        memcpy(t->why, why.p, t->why_n);
}

static int failure_write(struct call *c, const struct task *t)
{
    struct row row;
    struct span state;

    db_bind_text(c->db, "why", t->why_n ? (struct span){t->why, t->why_n} : span_of(err_doc(t->err)));
    db_bind_bool(c->db, "is_final", !err_may_retry(t->err));
    TRY(db_one(c->db, &SQL_job_fail, &row));
    state = row_text(&row, "state");
    if (span_is(state, "parked"))
        log_error("job-parked", "job=%lld kind=%s err=%s", (long long)t->job, t->kind->name,
                  err_name(t->err));
    else
        log_warn("job-failed", "job=%lld kind=%s err=%s is_ours=%d", (long long)t->job, t->kind->name,
                 err_name(t->err), state.p != NULL);
    return 0;
}

/* Until this has worked the task keeps its place, and the ticks try again. */
static int task_settle(struct call *c, struct task *t)
{
    struct keeper *k = c->state;
    struct row row;

    db_bind_i64(c->db, "id", t->job);
    db_bind_text(c->db, "owner", span_of(k->owner));
    if (t->err) {
        TRY(failure_write(c, t));
    } else {
        TRY(db_one(c->db, &SQL_job_finish, &row));
        log_info("job-done", "job=%lld kind=%s is_ours=%d", (long long)t->job, t->kind->name,
                 row_bool(&row, "is_ours"));
    }
    *t = (struct task){0};
    return 0;
}

/* ---- handing out
 * -------------------------------------------------------------------------------------------------- */

static void put(const struct message *m, void *body, const char *name, const void *value, size_t size)
{
    memcpy((char *)body + message_field(m, span_of(name))->offset, value, size);
}

static const void *body_of(struct call *c, const struct message *m, const struct row *row)
{
    void *body = arena_get(c->arena, m->size);
    uint64_t job = (uint64_t)row_i64(row, "id");
    struct span op_id = row_text(row, "op_id"), payload = row_text(row, "payload");
    uint32_t attempt = (uint32_t)row_i64(row, "attempts");
    int64_t added_at = row_time(row, "created_at");

    put(m, body, "job", &job, sizeof job);
    put(m, body, "op_id", &op_id, sizeof op_id);
    put(m, body, "payload", &payload, sizeof payload);
    put(m, body, "attempt", &attempt, sizeof attempt);
    put(m, body, "added_at", &added_at, sizeof added_at);
    return body;
}

static struct task *place_free(struct keeper *k)
{
    for (size_t i = 0; i < k->task_n; i++)
        if (!k->task[i].kind)
            return &k->task[i];
    return NULL;
}

static int job_hand(struct call *c, const struct row *row)
{
    struct keeper *k = c->state;
    const struct message *m = message_by_name(row_text(row, "kind"));
    struct task *t = place_free(k);
    int err;

    MUST(m && t);
    *t = (struct task){.kind = m,
                       .tag = ++k->tags,
                       .job = row_i64(row, "id"),
                       .until_ms = clock_mono_ms() + m->wait_ms + GRACE_MS};
    err = ask_later(c, m, body_of(c, m, row), 0, t->tag);
    if (!err)
        return 0;
    task_end(t, err, SPAN("It could not be handed over."));
    return task_settle(c, t);
}

/* {"mail.send":4}: how many more of each kind; empty: none of any. */
static struct span room_left(struct call *c)
{
    const struct keeper *k = c->state;
    struct json_out o;
    bool has_room = false;

    json_out_init(&o, c->arena);
    json_object(&o);
    for (size_t i = 0; i < k->kind_n; i++) {
        int left = k->at_once;

        for (size_t n = 0; n < k->task_n; n++)
            left -= k->task[n].kind == k->kind[i];
        if (left <= 0)
            continue;
        has_room = true;
        json_key(&o, span_of(k->kind[i]->name));
        json_add_i64(&o, left);
    }
    json_end(&o);
    return has_room ? json_out_span(&o) : (struct span){NULL, 0};
}

static int jobs_take(struct call *c)
{
    struct keeper *k = c->state;
    struct span room = room_left(c);
    struct rows_found found;

    if (!room.n)
        return 0;
    db_bind_text(c->db, "room", room);
    db_bind_text(c->db, "owner", span_of(k->owner));
    db_bind_i64(c->db, "lease_s", LEASE_S);
    TRY(db_rows(c->db, &SQL_job_take, &found));
    for (int i = 0; i < found.n; i++) {
        struct row row = rows_at(found, i);
        TRY(job_hand(c, &row));
    }
    return 0;
}

static int answered(struct call *c, const struct answer *a)
{
    struct keeper *k = c->state;

    for (size_t i = 0; i < k->task_n; i++) {
        struct task *t = &k->task[i];

        if (!t->kind || t->tag != a->tag || t->is_over)
            continue;
        task_end(t, a->err, a->text);
        TRY(task_settle(c, t));
        return jobs_take(c);
    }
    return 0; /* later than its deadline: that is written down already, and the work is done again without
                 harm */
}

/* ---- the clock
 * ----------------------------------------------------------------------------------------------------- */

static int tasks_look(struct call *c)
{
    struct keeper *k = c->state;
    int64_t now_ms = clock_mono_ms();

    for (size_t i = 0; i < k->task_n; i++) {
        struct task *t = &k->task[i];

        if (t->kind && !t->is_over && now_ms >= t->until_ms)
            task_end(t, ERR_LATE, (struct span){NULL, 0});
        if (t->is_over)
            TRY(task_settle(c, t));
    }
    return 0;
}

static int leases_renew(struct call *c)
{
    struct keeper *k = c->state;
    struct json_out ids;
    struct row row;
    int64_t n = 0;

    if (clock_mono_ms() < k->renew_at_ms)
        return 0;
    json_out_init(&ids, c->arena);
    json_array(&ids);
    for (size_t i = 0; i < k->task_n; i++)
        if (k->task[i].kind) {
            json_add_i64(&ids, k->task[i].job);
            n++;
        }
    json_end(&ids);
    if (n) {
        db_bind_text(c->db, "ids", json_out_span(&ids));
        db_bind_text(c->db, "owner", span_of(k->owner));
        db_bind_i64(c->db, "lease_s", LEASE_S);
        TRY(db_one(c->db, &SQL_job_renew_all, &row));
        if (row_i64(&row, "renewed") < n)
            log_warn("job-lease-lost", "n=%lld", (long long)(n - row_i64(&row, "renewed")));
    }
    k->renew_at_ms = clock_mono_ms() + RENEW_EVERY_MS;
    return 0;
}

/* Done jobs are kept for a month: their op_id still knows repeats. */
static int ledger_sweep(struct call *c)
{
    struct keeper *k = c->state;
    int64_t gone = 0;

    if (clock_mono_ms() < k->sweep_at_ms)
        return 0;
    TRY(db_run(c->db, &SQL_job_sweep, &gone));
    if (gone == 0) /* else there may be more: next tick */
        k->sweep_at_ms = clock_mono_ms() + SWEEP_EVERY_MS;
    return 0;
}

static int tick(struct call *c)
{
    struct keeper *k = c->state;

    TRY(tasks_look(c));
    TRY(leases_renew(c));
    TRY(ledger_sweep(c));
    if (k->has_waited)
        return jobs_take(c);
    k->has_waited = true;
    return 0;
}

/* ---- what is heard
 * ------------------------------------------------------------------------------------------------- */

/* Only the first replica has a clock to renew leases by, so only it takes jobs. */
static int look(struct call *c)
{
    return replica_number(c->replica) == 0 ? jobs_take(c) : 0;
}

static int on_added(struct call *c, const struct job_added *m)
{
    (void)m;
    return look(c);
}

static int on_retry(struct call *c, const struct job_retry *m)
{
    struct row row;

    TRY(db_one(c->db, &SQL_job_again, &row));
    if (!row_bool(&row, "is_due"))
        return refuse(c, ERR_NOTFOUND, "job", "No parked job has the number %llu.",
                      (unsigned long long)m->job);
    TRY(look(c));
    return reply_done(c);
}

const struct actor_def scheduler_actor = {
    .name = "scheduler",
    .conf = settings,
    .has_db = true,
    .init = init,
    .fini = fini,
    .tick_ms = TICK_MS,
    .tick = tick,
    .answered = answered,
    .on = (const struct handler[]){ON(job_added, on_added), VIEW(job_list), ON(job_retry, on_retry), {0}},
    .sql = scheduler_sql,
};
