/* NEEDS: database */
/* scheduler: jobs are handed out, tried again, put aside, and never two of a kind too many. */
#include "scheduler.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "desk.h"

enum { PATIENCE_MS = 20000 };

static struct rig rig;

/* ---- the hand */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_open; /* those who dig may go */
static struct {
    char op_id[100], payload[200];
    uint32_t attempt;
    int64_t added_at;
} seen;

static void gate_set(bool open)
{
    (void)pthread_mutex_lock(&lock);
    is_open = open;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static void gate_wait(void)
{
    (void)pthread_mutex_lock(&lock);
    while (!is_open)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
}

static int on_nudge(struct call *c, const struct crew_nudge *m)
{
    (void)m;
    say(c, &MESSAGE_job_added, &(struct job_added){0});
    return reply_done(c);
}

static int on_work(struct call *c, const struct crew_work *m)
{
    (void)pthread_mutex_lock(&lock);
    (void)snprintf(seen.op_id, sizeof seen.op_id, "%.*s", (int)m->op_id.n, m->op_id.p);
    (void)snprintf(seen.payload, sizeof seen.payload, "%.*s", (int)m->payload.n, m->payload.p);
    seen.attempt = m->attempt;
    seen.added_at = m->added_at;
    (void)pthread_mutex_unlock(&lock);
    if (span_is(m->payload, "{\"do\": \"fail once\"}") && m->attempt == 1)
        return refuse(c, ERR_AWAY, NULL, "Nobody answered the bell.");
    if (span_is(m->payload, "{\"do\": \"fail\"}"))
        return ERR_AWAY;
    if (span_is(m->payload, "{\"do\": \"never\"}") && m->attempt == 1)
        return refuse(c, ERR_INVALID, NULL, "This cannot be done, ever.");
    return reply_done(c);
}

static int on_dig(struct call *c, const struct crew_dig *m)
{
    (void)m;
    gate_wait();
    return reply_done(c);
}

static int on_nap(struct call *c, const struct crew_nap *m)
{
    if (m->attempt == 1)
        gate_wait();
    return reply_done(c);
}

static const struct actor_def crew = {
    .name = "crew",
    .on = (const struct handler[]){ON(crew_nudge, on_nudge),
                                   ON(crew_work, on_work),
                                   ON(crew_dig, on_dig),
                                   ON(crew_nap, on_nap),
                                   {0}},
};

/* ---- helpers */

static int64_t job(const char *kind, const char *payload)
{
    static int n;

    return desk_sql("select job_add('%s', '%s', 'op-%d')", kind, payload, ++n);
}

static void nudge(void)
{
    rig_expect(&rig, &MESSAGE_crew_nudge, &(struct crew_nudge){0}, 0);
}

/* Until the query says so. */
static void wait_for(const char *what, int64_t id)
{
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    const struct timespec moment = {.tv_nsec = 20000000};

    while (desk_sql("select (%s)::int from job where id = %lld", what, (long long)id) != 1) {
        if (clock_mono_ms() > until)
            fail_msg("job %lld never: %s; it is %s", (long long)id, what,
                     desk_text("select row_to_json(j) from job j where id = %lld", (long long)id));
        (void)nanosleep(&moment, NULL);
    }
}

static const char *of(int64_t id, const char *column)
{
    return desk_text("select %s from job where id = %lld", column, (long long)id);
}

static int64_t leased(const char *kind)
{
    return desk_sql("select count(*) from job where kind = '%s' and state = 'leased'", kind);
}

static void wait_leased(const char *kind, int64_t n)
{
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    const struct timespec moment = {.tv_nsec = 20000000};

    while (leased(kind) != n) {
        if (clock_mono_ms() > until)
            fail_msg("%lld leased, not %lld", (long long)leased(kind), (long long)n);
        (void)nanosleep(&moment, NULL);
    }
}

static int setup(void **state)
{
    (void)state;
    rig = (struct rig){.name = "ops"};
    gate_set(false);
    (void)desk_sql("delete from job returning 1");
    rig_start(&rig, (struct roster_entry[]){{&crew, 8, ""}, {&scheduler_actor, 1, ""}, {0}});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gate_set(true);
    rig_stop(&rig);
    return 0;
}

/* ---- claims */

static void a_job_is_done_once_and_its_hand_knows_all_of_it(void **state)
{
    int64_t id = job("crew.work", "{\"do\":\"it\"}");

    (void)state;
    nudge();
    wait_for("state = 'done'", id);
    assert_string_equal(seen.payload, "{\"do\": \"it\"}");
    assert_string_equal(seen.op_id, of(id, "op_id"));
    assert_int_equal(seen.attempt, 1);
    assert_int_equal(
        seen.added_at,
        desk_sql("select (extract(epoch from created_at) * 1000000)::bigint from job where id = %lld",
                 (long long)id));
    assert_string_equal(
        of(id, "attempts || ',' || (lease_owner is null) || ',' || (finished_at is not null)"),
        "1,true,true");
}

static void without_a_nudge_it_is_found_all_the_same(void **state)
{
    (void)state;
    wait_for("state = 'done'", job("crew.work", "{}"));
}

static void what_may_succeed_later_is_tried_again_later(void **state)
{
    int64_t id = job("crew.work", "{\"do\":\"fail once\"}");

    (void)state;
    nudge();
    wait_for("state = 'due' and attempts = 1", id);
    assert_string_equal(of(id, "why"), "Nobody answered the bell.");
    assert_string_equal(of(id, "due_at > now() + interval '3 s'"), "true");
    nudge(); /* not due: nobody touches it */
    assert_int_equal(
        desk_sql("update job set due_at = now() where id = %lld returning attempts", (long long)id), 1);
    nudge();
    wait_for("state = 'done' and attempts = 2", id);
}

static void after_the_last_attempt_it_is_parked(void **state)
{
    int64_t id = desk_sql("select job_add('crew.work', '{\"do\":\"fail\"}', 'last', '0', 1)");

    (void)state;
    nudge();
    wait_for("state = 'parked'", id);
    assert_string_equal(of(id, "why"), err_doc(ERR_AWAY));
}

static void what_can_never_succeed_is_parked_shown_and_tried_again_when_an_operator_says(void **state)
{
    int64_t id = job("crew.work", "{\"do\":\"never\"}");
    char text[32];

    (void)state;
    (void)snprintf(text, sizeof text, "%lld", (long long)id);
    nudge();
    wait_for("state = 'parked'", id);
    rig_expect(&rig, &MESSAGE_job_list, &(struct job_list){0}, 0);
    assert_string_equal(desk_doc(&rig, "kinds.0.kind"), "crew.work");
    assert_string_equal(desk_doc(&rig, "kinds.0.parked"), "1");
    assert_string_equal(desk_doc(&rig, "jobs.0.id"), text);
    assert_string_equal(desk_doc(&rig, "jobs.0.why"), "This cannot be done, ever.");
    assert_int_equal(desk_sql("update job set payload = '{}' where id = %lld returning 1", (long long)id), 1);
    rig_expect(&rig, &MESSAGE_job_retry, &(struct job_retry){(uint64_t)id}, 0);
    wait_for("state = 'done'", id);
    rig_expect(&rig, &MESSAGE_job_retry, &(struct job_retry){(uint64_t)id}, ERR_NOTFOUND);
    rig_expect(&rig, &MESSAGE_job_retry, &(struct job_retry){999999}, ERR_NOTFOUND);
    assert_span(rig.answer.text, "No parked job has the number 999999.");
}

static void a_slow_kind_has_its_own_places_and_holds_up_no_other(void **state)
{
    int64_t first = 0, id;

    (void)state;
    for (int i = 0; i < 6; i++) {
        id = job("crew.dig", "{}");
        first = first ? first : id;
    }
    nudge();
    wait_leased("crew.dig", 4);
    id = job("crew.work", "{}");
    nudge();
    wait_for("state = 'done'", id);
    assert_int_equal(leased("crew.dig"), 4);
    gate_set(true);
    for (id = first; id < first + 6; id++)
        wait_for("state = 'done' and attempts = 1", id);
}

static void an_answer_after_the_deadline_changes_nothing(void **state)
{
    int64_t id = job("crew.nap", "{}");

    (void)state;
    nudge();
    wait_for("state = 'due' and attempts = 1", id);
    assert_string_equal(of(id, "why"), err_doc(ERR_LATE));
    gate_set(true); /* the first attempt ends now, unheard */
    wait_for("state = 'due' and attempts = 1", id);
    (void)desk_sql("update job set due_at = now() where id = %lld returning 1", (long long)id);
    nudge();
    wait_for("state = 'done' and attempts = 2", id);
}

static void what_a_dead_house_had_in_hand_is_taken_again(void **state)
{
    int64_t id =
        desk_sql("insert into job (kind, op_id, state, attempts, lease_owner, lease_until) values "
                 "('crew.work', 'dead', 'leased', 1, 'the dead', now() - interval '1 s') returning id");
    int64_t held =
        desk_sql("insert into job (kind, op_id, state, attempts, lease_owner, lease_until) values "
                 "('crew.work', 'alive', 'leased', 1, 'the other', now() + interval '1 h') returning id");

    (void)state;
    wait_for("state = 'done' and attempts = 2", id);
    assert_string_equal(of(held, "lease_owner"), "the other");
}

static void a_kind_whose_hand_is_elsewhere_stays_due(void **state)
{
    int64_t dream = job("crew.dream", "{}"), unknown = job("crew.unknown", "{}");
    int64_t id = job("crew.work", "{}");

    (void)state;
    nudge();
    wait_for("state = 'done'", id);
    assert_string_equal(of(dream, "state || attempts"), "due0");
    assert_string_equal(of(unknown, "state || attempts"), "due0");
    rig_expect(&rig, &MESSAGE_job_list, &(struct job_list){0}, 0);
    assert_string_equal(desk_doc(&rig, "kinds.0.kind"), "crew.dream");
    assert_string_equal(desk_doc(&rig, "kinds.1.due"), "1");
}

/* Runs without setup: the house starts after the rows are there, and sweeps in its first tick. */
static void done_jobs_are_kept_for_a_month(void **state)
{
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    const struct timespec moment = {.tv_nsec = 20000000};

    (void)desk_sql("insert into job (kind, op_id, state, finished_at) values "
                   "('crew.work', 'old', 'done', now() - interval '31 days'), "
                   "('crew.work', 'young', 'done', now() - interval '29 days'), "
                   "('crew.work', 'parked', 'parked', now() - interval '90 days') returning 1");
    rig = (struct rig){.name = "ops"};
    rig_start(&rig, (struct roster_entry[]){{&crew, 1, ""}, {&scheduler_actor, 1, ""}, {0}});
    while (desk_sql("select count(*) from job where op_id = 'old'")) {
        assert_true(clock_mono_ms() < until);
        (void)nanosleep(&moment, NULL);
    }
    assert_int_equal(desk_sql("select count(*) from job where op_id in ('young', 'parked')"), 2);
    (void)teardown(state);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(a_job_is_done_once_and_its_hand_knows_all_of_it),
        CLAIM(without_a_nudge_it_is_found_all_the_same),
        CLAIM(what_may_succeed_later_is_tried_again_later),
        CLAIM(after_the_last_attempt_it_is_parked),
        CLAIM(what_can_never_succeed_is_parked_shown_and_tried_again_when_an_operator_says),
        CLAIM(a_slow_kind_has_its_own_places_and_holds_up_no_other),
        CLAIM(an_answer_after_the_deadline_changes_nothing),
        CLAIM(what_a_dead_house_had_in_hand_is_taken_again),
        CLAIM(a_kind_whose_hand_is_elsewhere_stays_due),
        cmocka_unit_test(done_jobs_are_kept_for_a_month),
    };

    desk_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
