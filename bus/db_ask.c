/* db_ask: many questions in one round trip, by libpq's pipeline mode. */
#include "db_link.h"

#include "errors.h"
#include "log.h"

#define NOT_ASKED (-1) /* in err: still to be asked by itself */

static void question_send(struct db *db, struct db_question *q)
{
    struct db_parameters p;

    db_call(db, db->arena, q->message, q->body);
    q->err = db_parameters_fill(db, q->statement, &p);
    if (!q->err)
        q->err = db_statement_send(db, q->statement, &p);
}

static int question_hear(struct db *db, struct db_question *q)
{
    PGresult *r;

    TRY(db_piped_take(db, &r));
    if (PQresultStatus(r) == PGRES_TUPLES_OK) {
        const struct db_result *kept = db_result_keep(db, r);
        q->row = (struct row){.result = PQntuples(r) ? kept : NULL};
    } else { /* it failed, or one before it did */
        PQclear(r);
        q->err = NOT_ASKED;
    }
    return 0;
}

/* An error is the connection's; what then has no row has err. */
static int questions_run(struct db *db, struct db_question *q, size_t n)
{
    TRY(db_connection_ready(db));
    if (!PQenterPipelineMode(db->conn))
        return ERR_AWAY;
    for (size_t i = 0; i < n && db->conn; i++)
        question_send(db, &q[i]);
    if (!db->conn || !PQpipelineSync(db->conn))
        return ERR_AWAY;
    for (size_t i = 0; i < n; i++)
        if (!q[i].err)
            TRY(question_hear(db, &q[i]));
    return db_piped_end(db);
}

static void question_ask(struct db *db, struct db_question *q)
{
    db_call(db, db->arena, q->message, q->body);
    q->err = db_maybe(db, q->statement, &q->row);
    q->refusal = db->refusal;
}

void db_ask(struct db *db, struct arena *a, struct db_question *questions, size_t n)
{
    int err = 0;

    MUST(!db->is_in_transaction);
    db->arena = a;
    for (size_t i = 0; i < n; i++) {
        questions[i].row = (struct row){0};
        questions[i].refusal = (struct db_refusal){0};
        questions[i].err = n == 1 ? NOT_ASKED : 0;
    }
    if (n > 1)
        err = questions_run(db, questions, n);
    if (err && db->conn)
        err = db_error_note(db, questions[0].statement, NULL);
    for (size_t i = 0; i < n; i++) {
        struct db_question *q = &questions[i];
        bool is_open = q->err == NOT_ASKED || (!q->err && !q->row.result);
        if (err && is_open)
            q->err = err;
        else if (q->err == NOT_ASKED)
            question_ask(db, q);
    }
}
