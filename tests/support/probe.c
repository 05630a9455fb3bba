/* probe: see the header. Tests look into the actors through a few counters under one lock; real actors share
 * nothing. */
#include "probe.h"

#include <pthread.h>
#include <time.h>

#define REPLICAS 8
#define PATIENCE_S 5

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int held, released, heard, ticks, served[REPLICAS];

void probe_reset(void)
{
    (void)pthread_mutex_lock(&lock);
    held = released = heard = ticks = 0;
    memset(served, 0, sizeof served);
    (void)pthread_mutex_unlock(&lock);
}

static void add(int *counter, int n)
{
    (void)pthread_mutex_lock(&lock);
    *counter += n;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static int wait_for(const int *counter, int n)
{
    struct timespec until;
    int rc = 0, value;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    (void)pthread_mutex_lock(&lock);
    while (*counter < n && !rc)
        rc = pthread_cond_timedwait(&changed, &lock, &until);
    value = *counter;
    (void)pthread_mutex_unlock(&lock);
    return value;
}

void probe_wait_held(int n)
{
    MUST(wait_for(&held, n) >= n);
}

void probe_release(int n)
{
    add(&released, n);
}

int probe_heard(void)
{
    return wait_for(&heard, 0);
}

int probe_wait_heard(int n)
{
    return wait_for(&heard, n);
}

int probe_served(int replica)
{
    return wait_for(&served[replica], 0);
}

int probe_wait_ticks(int n)
{
    return wait_for(&ticks, n);
}

/* ---- probe
 * ----------------------------------------------------------------------------------------------------------
 */

static int on_echo(struct call *c, const struct probe_echo *m)
{
    add(&served[replica_number(c->replica) % REPLICAS], 1);
    return reply_doc(c, m->doc);
}

static int on_hold(struct call *c, const struct probe_hold *m)
{
    (void)m;
    add(&held, 1);
    if (wait_for(&released, 1) < 1)
        return ERR_BUG;
    add(&released, -1);
    add(&held, -1);
    return reply_done(c);
}

static int find_faults(struct call *c)
{
    form_error(c, "birthday", "Please give a %s.", "birthday");
    form_error(c, "name", "Please give a name.");
    form_error(c, "birthday", "It lies in the future.");
    return form_check(c);
}

static int break_a_bound(struct call *c)
{
    static char path[4000];

    memset(path, 'a', sizeof path - 1);
    return reply_see_other(c, "/%s", path);
}

static int on_act(struct call *c, const struct probe_act *m)
{
    switch ((enum probe_way)m->way) {
    case PROBE_ANSWERS:
        return reply_see_other_noting(c, "It is done.", "/there/%d/", 7);
    case PROBE_STAYS_SILENT:
        return 0;
    case PROBE_REPLIES_TWICE:
        TRY(reply_see_other(c, "/once/"));
        return reply_see_other(c, "/twice/");
    case PROBE_REPLIES_WRONG:
        return reply_done(c);
    case PROBE_REFUSES:
        return refuse(c, ERR_CONFLICT, "study", "This study is not %s yet.", "built");
    case PROBE_FAILS:
        return ERR_AWAY;
    case PROBE_FINDS_FAULTS:
        return find_faults(c);
    case PROBE_FAILS_AFTER_REPLY:
        TRY(reply_see_other(c, "/there/"));
        return ERR_FULL;
    case PROBE_SAYS_EVENT:
        say(c, &MESSAGE_probe_happened, &(struct probe_happened){.number = 7});
        return reply_see_other(c, "/there/");
    case PROBE_BREAKS_A_BOUND:
        return break_a_bound(c);
    }
    return ERR_INVALID;
}

const struct actor_def probe_actor = {
    .name = "probe",
    .on =
        (const struct handler[]){
            ON(probe_echo, on_echo), ON(probe_hold, on_hold), ON(probe_act, on_act), {0}},
};

/* ---- helper
 * ---------------------------------------------------------------------------------------------------------
 */

static int on_relay(struct call *c, const struct probe_relay *m)
{
    const void *answer = NULL;
    const struct reply_doc *doc;

    if (m->has_way)
        return ask(c, &MESSAGE_probe_act, &(struct probe_act){m->way}, 0, &answer);
    TRY(ask(c, &MESSAGE_probe_echo, &(struct probe_echo){.doc = m->doc}, m->has_wait_ms ? m->wait_ms : 0,
            &answer));
    doc = answer;
    return reply_doc(c, doc->doc);
}

static int on_happened(struct call *c, const struct probe_happened *m)
{
    (void)c;
    add(&heard, 1);
    return m->number == 13 ? ERR_CONFLICT : 0;
}

const struct actor_def helper_actor = {
    .name = "helper",
    .on = (const struct handler[]){ON(probe_relay, on_relay), ON(probe_happened, on_happened), {0}},
};

/* ---- others
 * ---------------------------------------------------------------------------------------------------------
 */

static int broken_init(struct replica *r, void **state)
{
    (void)r;
    (void)state;
    return ERR_AWAY;
}

const struct actor_def broken_actor = {.name = "broken", .init = broken_init};

static int ticker_tick(struct call *c)
{
    MUST(!c->message && replica_number(c->replica) == 0);
    add(&ticks, 1);
    return wait_for(&ticks, 0) % 2 ? 0 : ERR_AWAY;
}

const struct actor_def ticker_actor = {.name = "ticker", .tick_ms = 5, .tick = ticker_tick};
