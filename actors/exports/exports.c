/* exports: files that labs take away. A hand of its own, so that a big download never stands before a child's
 * answers.
 *
 * Hears:  export.* (gateway)
 * Blocks: on its own connection and the disk of the spool; no statement is long
 */
#include "exports.h"

#include <stdlib.h>

#include "csv.h"
#include "exports_sql.h"

#define FLOW_BYTES 65536u /* written at once */

static void fini(struct replica *r, void *state)
{
    struct hand *hand = state;

    (void)r;
    if (!hand)
        return;
    spool_close(&hand->spool);
    free(hand);
}

static int init(struct replica *r, void **state)
{
    struct hand *hand = calloc(1, sizeof *hand);

    MUST(hand && replica_spool_dir(r));
    *state = hand;
    return spool_open(&hand->spool, replica_spool_dir(r), 0);
}

/* ---- a file on its way
 * -------------------------------------------------------------------------------------------- */

static int flush(struct takeout *t)
{
    struct span bytes = text_span(&t->text);
    int err = 0;

    if (bytes.n)
        err = t->zip ? zip_write(t->zip, bytes) : spool_write(t->file, bytes);
    t->text = (struct text){0};
    arena_reset(t->arena);
    return err;
}

int takeout_flow(struct takeout *t)
{
    return t->text.n >= FLOW_BYTES ? flush(t) : 0;
}

int takeout_row(struct takeout *t, struct span cells, struct span more)
{
    TRY(csv_cells(t->arena, &t->text, cells, true));
    TRY(csv_cells(t->arena, &t->text, more, false));
    csv_end(t->arena, &t->text);
    return takeout_flow(t);
}

int takeout_entry(struct takeout *t, const char *id)
{
    TRY(flush(t));
    return zip_entry(t->zip, arena_print(t->arena, "%.*s_%s_frames.csv", (int)t->stem.n, t->stem.p, id));
}

void takeout_bind_only(struct takeout *t)
{
    if (t->only)
        db_bind_i64(t->call->db, "only", (int64_t)t->only);
    else
        db_bind_null(t->call->db, "only");
}

static int row_walk(void *ctx, const struct row *row)
{
    struct takeout *t = ctx;

    t->last = row_i64(row, "id");
    return t->row(t, row);
}

int takeout_walk(struct takeout *t, const struct statement *s, int (*fn)(void *ctx, const struct row *row))
{
    int64_t after;

    t->row = fn;
    t->last = 0;
    do {
        after = t->last;
        db_bind_i64(t->call->db, "after", after);
        db_bind_text(t->call->db, "keys", t->keys);
        takeout_bind_only(t);
        TRY(db_each(t->call->db, s, row_walk, t));
    } while (t->last > after);
    return 0;
}

/* One snapshot for all statements: a table's head fits its rows, whatever arrives meanwhile. */
static int takeout_open(struct takeout *t)
{
    struct call *c = t->call;
    struct hand *hand = c->state;
    struct row row;

    TRY(db_run(c->db, &SQL_snapshot, NULL));
    TRY(db_one(c->db, &SQL_study, &row));
    t->stem = row_text(&row, "stem");
    t->is_identifiable = row_bool(&row, "is_identifiable");
    t->is_external = row_bool(&row, "is_external");
    t->arena = arena_new();
    return spool_create(hand->spool, &t->file);
}

static int takeout_send(struct takeout *t)
{
    uint8_t sha256[32];
    struct reply_file file = {.name = t->name,
                              .type = span_of(t->type),
                              .bytes = spool_size(t->file),
                              .sha256 = {(const char *)sha256, sizeof sha256}};

    TRY(spool_finish(&t->file, &file.spool, sha256));
    return reply(t->call, &MESSAGE_reply_file, &file);
}

int takeout_run(struct call *c, int (*fill)(struct takeout *t), uint64_t only)
{
    struct takeout t = {.call = c, .only = only};
    int err;

    TRY(db_begin(c->db));
    err = takeout_open(&t);
    if (!err)
        err = fill(&t);
    if (!err)
        err = flush(&t);
    if (!err && t.zip)
        err = zip_finish(t.zip);
    zip_free(&t.zip);
    if (!err)
        err = db_commit(c->db);
    if (!err)
        err = takeout_send(&t);
    spool_drop(&t.file);
    arena_free(&t.arena);
    return err;
}

const struct actor_def exports_actor = {
    .name = "exports",
    .has_db = true,
    .init = init,
    .fini = fini,
    .on = (const struct handler[]){ON(export_responses_json, on_export_responses_json),
                                   ON(export_responses_csv, on_export_responses_csv),
                                   ON(export_dictionary, on_export_dictionary),
                                   ON(export_children_csv, on_export_children_csv),
                                   ON(export_children_dictionary, on_export_children_dictionary),
                                   ON(export_frames_zip, on_export_frames_zip),
                                   ON(export_one, on_export_one),
                                   {0}},
    .sql = exports_sql,
};
