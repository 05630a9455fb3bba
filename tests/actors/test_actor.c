/* actor: what the frame does around a handler. NEEDS: database */
#include <stdlib.h>

#include "desk.h"
#include "probe.h"
#include "rig.h"

/* A statement as the embedder makes them; here they are few and only for this. */
static const struct column doc_out[] = {{"doc", "json", 114}};
static const struct column doc_in[] = {{"doc", "json", 114}};
static const struct statement SQL_probe_echo = {
    "probe_echo", "select $1::json as doc where $1::text <> '0' and 1 / ($1::text <> '-1')::int = 1",
    doc_in,       1,
    doc_out,      1,
    ROWS_MAYBE};
static const struct statement SQL_probe_count = {
    "probe_count", "insert into probe_seen default values", NULL, 0, NULL, 0, ROWS_NONE};
static const struct statement SQL_probe_collide = {"probe_collide",
                                                   "select probe_collide()::int as n",
                                                   NULL,
                                                   0,
                                                   (const struct column[]){{"n", "int", 23}},
                                                   1,
                                                   ROWS_ONE};
static const struct statement SQL_probe_seen = {"probe_seen",
                                                "select count(*)::bigint as n from probe_seen",
                                                NULL,
                                                0,
                                                (const struct column[]){{"n", "bigint", 20}},
                                                1,
                                                ROWS_ONE};
static const struct statement *const probe_sql[] = {&SQL_probe_echo, &SQL_probe_count, &SQL_probe_collide,
                                                    &SQL_probe_seen, NULL};

/* probe.act: 0 writes and commits, 1 writes and forgets the commit, 2 writes and fails, 3 collides twice and
 * then commits */
static int on_act(struct call *c, const struct probe_act *m)
{
    struct row row;

    TRY(db_begin(c->db));
    TRY(db_run(c->db, &SQL_probe_count, NULL));
    if (m->way == 1)
        return reply_see_other(c, "/done/");
    if (m->way == 2)
        return refuse(c, ERR_CONFLICT, NULL, "No.");
    if (m->way == 3)
        TRY(db_one(c->db, &SQL_probe_collide, &row));
    TRY(db_commit(c->db));
    return reply_see_other(c, "/done/");
}

/* How many writes are there? */
static int on_hold(struct call *c, const struct probe_hold *m)
{
    struct row row;

    (void)m;
    TRY(db_one(c->db, &SQL_probe_seen, &row));
    return refuse(c, ERR_INVALID, NULL, "%lld", (long long)row_i64(&row, "n"));
}

static const struct actor_def desk = {
    .name = "probe",
    .has_db = true,
    .sql = probe_sql,
    .on = (const struct handler[]){VIEW(probe_echo), ON(probe_act, on_act), ON(probe_hold, on_hold), {0}},
};

static struct rig rig;

static int setup(void **state)
{
    struct db *db;
    const char *why = "";

    (void)state;
    rig = (struct rig){0};
    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "test", NULL, 0), 0);
    assert_int_equal(db_script(db,
                               "drop table if exists probe_seen; create table probe_seen(); drop sequence if "
                               "exists probe_tries; "
                               "create sequence probe_tries; create or replace function probe_collide() "
                               "returns int language plpgsql as $$ "
                               "begin if nextval('probe_tries') < 3 then raise exception 'collided' using "
                               "errcode = '40001'; end if; "
                               "return 1; end $$;",
                               &why),
                     0);
    db_close(&db);
    rig_start(&rig, (struct roster_entry[]){{&desk, 1, "web"}, {0}});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

static void act(uint8_t way, int err)
{
    rig_expect(&rig, &MESSAGE_probe_act, &(struct probe_act){way}, err);
}

static void assert_writes(const char *n)
{
    rig_expect(&rig, &MESSAGE_probe_hold, &(struct probe_hold){0}, ERR_INVALID);
    assert_span(rig.answer.text, n);
}

static void a_view_answers_with_its_document(void **state)
{
    (void)state;
    rig_expect(&rig, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("{\"a\": [1]}")}, 0);
    assert_span(((const struct reply_doc *)rig.answer.body)->doc, "{\"a\": [1]}");
}

static void a_view_without_a_row_is_not_found(void **state)
{
    (void)state;
    rig_expect(&rig, &MESSAGE_probe_echo, &(struct probe_echo){.doc = SPAN("0")}, ERR_NOTFOUND);
}

/* Paused, so that the replica gets all of them in one go. */
static void pose_together(const struct span *doc, uint64_t n)
{
    const struct span name = SPAN("probe");
    struct answer answer;
    struct port *ops;

    assert_int_equal(port_open(&ops, NULL, rig.options.run_dir, "ops"), 0);
    assert_int_equal(port_call(ops, rig.arena, &MESSAGE_ctl_pause, &(struct ctl_pause){name}, 0, &answer), 0);
    for (uint64_t i = 0; i < n; i++)
        assert_int_equal(
            port_ask(rig.port, &MESSAGE_probe_echo, &(struct probe_echo){.doc = doc[i]}, 0, 0, i), 0);
    rig_wait_shown(&rig, "services.probe.queue", (int64_t)n);
    assert_int_equal(port_call(ops, rig.arena, &MESSAGE_ctl_resume, &(struct ctl_resume){name}, 0, &answer),
                     0);
    port_close(&ops);
}

static void views_that_came_together_are_each_answered(void **state)
{
    char *long_text = malloc(100002);
    const struct span doc[] = {SPAN("1"),  SPAN("0"),          SPAN("-1"), {long_text, 100002}, SPAN("[5]"),
                               SPAN("-1"), SPAN("{\"b\": 2}"), SPAN("7"),  SPAN("0"),           SPAN("9")};
    static const int err[] = {0, ERR_NOTFOUND, ERR_INVALID, 0, 0, ERR_INVALID, 0, 0, ERR_NOTFOUND, 0};
    const size_t n = sizeof doc / sizeof *doc;
    bool seen[sizeof doc / sizeof *doc] = {false};

    (void)state;
    assert_non_null(long_text);
    memset(long_text, 'x', 100002);
    long_text[0] = long_text[100001] = '"';
    pose_together(doc, n);
    for (size_t i = 0; i < n; i++) {
        struct answer a = rig_next(&rig);
        assert_true(a.tag < n && !seen[a.tag]);
        seen[a.tag] = true;
        assert_int_equal(a.err, err[a.tag]);
        if (!a.err)
            assert_true(span_same(((const struct reply_doc *)a.body)->doc, doc[a.tag]));
    }
    free(long_text);
}

static void done_is_not_said_with_a_transaction_open(void **state)
{
    (void)state;
    act(0, 0);
    act(1, ERR_BUG);
    assert_writes("1");
}

static void an_error_rolls_back(void **state)
{
    (void)state;
    act(2, ERR_CONFLICT);
    assert_span(rig.answer.text, "No.");
    assert_writes("0");
    act(0, 0);
    assert_writes("1");
}

static void a_transaction_that_collides_is_run_again(void **state)
{
    (void)state;
    act(3, 0);
    assert_writes("1");
}

static void ticks_come_again_after_a_failed_one(void **state)
{
    struct rig own = {0};

    (void)state;
    probe_reset();
    rig_start(&own, (struct roster_entry[]){{&ticker_actor, 2, "scheduler"}, {0}});
    assert_true(probe_wait_ticks(4) >= 4);
    rig_stop(&own);
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_view_answers_with_its_document, setup, teardown),
        cmocka_unit_test_setup_teardown(a_view_without_a_row_is_not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(views_that_came_together_are_each_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(done_is_not_said_with_a_transaction_open, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_rolls_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transaction_that_collides_is_run_again, setup, teardown),
        cmocka_unit_test(ticks_come_again_after_a_failed_one),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
