/* NEEDS: database */
/* db_ask: several questions in one round trip. */
#include <stdlib.h>

#include "arena.h"
#include "db.h"
#include "errors.h"
#include "test.h"

#define OID_INT8 20
#define OID_TEXT 25

static const struct statement own_pid = {
    "own_pid", "select pg_backend_pid()::bigint as pid", NULL, 0, NULL, 0, ROWS_ONE};
static const struct column in_pid[] = {{"pid", "bigint", OID_INT8}, {"wait_ms", "bigint", OID_INT8}};
static const struct statement kill_pid = {
    "kill_pid", "select pg_terminate_backend($1::int, $2) as done", in_pid, 2, NULL, 0, ROWS_ONE};
/* What a question asks for: "0" no row, "-1" an error, "cut" the end of its connection. */
struct riddle {
    struct span word;
};
static const struct field riddle_fields[] = {{.name = "word",
                                              .number = 1,
                                              .type = FIELD_STR,
                                              .max = 100,
                                              .offset = offsetof(struct riddle, word),
                                              .eg = "1",
                                              .doc = "what to say"}};
static const struct message riddle_message = {.name = "riddle",
                                              .kind = MESSAGE_REQUEST,
                                              .size = sizeof(struct riddle),
                                              .field = riddle_fields,
                                              .field_n = 1};
static const struct column in_word[] = {{"word", "text", OID_TEXT}};
static const struct statement riddle = {
    "riddle",
    "select $1 as said, case when $1 = 'cut' then pg_terminate_backend(pg_backend_pid()) end as cut"
    " where $1 <> '0' and 1 / ($1 <> '-1')::int = 1",
    in_word,
    1,
    NULL,
    0,
    ROWS_MAYBE};
static const struct statement *const sql[] = {&own_pid, &kill_pid, &riddle, NULL};

struct rig {
    struct db *db;
    struct arena *arena;
};

static struct db *connect_with(uint32_t timeout_ms)
{
    struct db *db;

    assert_int_equal(db_open(&db, getenv("DATABASE_URL"), "test", sql, timeout_ms), 0);
    return db;
}

static int setup(void **state)
{
    static struct rig rig;

    rig.db = connect_with(5000);
    rig.arena = arena_new();
    db_call(rig.db, rig.arena, NULL, NULL);
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    arena_free(&rig->arena);
    db_close(&rig->db);
    return 0;
}

enum { QUESTIONS = 8 };

static void ask_all(struct rig *rig, const char *const *word, struct db_question *question, size_t n)
{
    static struct riddle body[QUESTIONS];

    for (size_t i = 0; i < n; i++) {
        body[i].word = span_of(word[i]);
        question[i] =
            (struct db_question){.statement = &riddle, .message = &riddle_message, .body = &body[i]};
    }
    db_ask(rig->db, rig->arena, question, n);
}

static void assert_said(const struct db_question *q, const char *word)
{
    assert_int_equal(q->err, 0);
    assert_non_null(q->row.result);
    assert_true(span_is(row_text(&q->row, "said"), word));
}

static void each_question_gets_its_own_row_or_error(void **state)
{
    static const char *const word[QUESTIONS] = {"a", "0", "-1", "b", "0", "c", "-1", "d"};
    struct db_question q[QUESTIONS];
    struct rig *rig = *state;

    for (size_t n = 1; n <= QUESTIONS; n++) {
        ask_all(rig, word, q, n);
        for (size_t i = 0; i < n; i++) {
            if (word[i][0] == '-') {
                assert_int_equal(q[i].err, ERR_INVALID);
            } else if (word[i][0] == '0') {
                assert_int_equal(q[i].err, 0);
                assert_null(q[i].row.result);
            } else {
                assert_said(&q[i], word[i]);
            }
        }
    }
    ask_all(rig, (const char *const[]){"e"}, q, 1); /* the connection is as before */
    assert_said(&q[0], "e");
}

static void questions_on_an_idle_connection_that_was_cut_are_asked_on_a_new_one(void **state)
{
    static const char *const word[] = {"a", "b"};
    struct db_question q[2];
    struct rig *rig = *state;
    struct db *other = connect_with(5000);
    struct row row;

    assert_int_equal(db_one(rig->db, &own_pid, &row), 0);
    db_bind_i64(other, "pid", row_i64(&row, "pid"));
    db_bind_i64(other, "wait_ms", 5000);
    assert_int_equal(db_one(other, &kill_pid, &row), 0);
    db_close(&other);
    ask_all(rig, word, q, 2);
    assert_said(&q[0], "a");
    assert_said(&q[1], "b");
}

static void questions_that_a_cut_left_open_are_away_and_the_next_ones_answered(void **state)
{
    static const char *const word[] = {"a", "cut", "b"};
    struct db_question q[3];
    struct rig *rig = *state;

    ask_all(rig, word, q, 3);
    assert_true(q[0].err == ERR_AWAY || q[0].row.result);
    assert_int_equal(q[1].err, ERR_AWAY);
    assert_int_equal(q[2].err, ERR_AWAY);
    ask_all(rig, (const char *const[]){"c", "d"}, q, 2);
    assert_said(&q[0], "c");
    assert_said(&q[1], "d");
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest claims[] = {
        CLAIM(each_question_gets_its_own_row_or_error),
        CLAIM(questions_on_an_idle_connection_that_was_cut_are_asked_on_a_new_one),
        CLAIM(questions_that_a_cut_left_open_are_away_and_the_next_ones_answered),
    };

    return cmocka_run_group_tests(claims, NULL, NULL);
}
