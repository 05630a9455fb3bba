/* table: what the files hold (spec of the downloads, 4 to 9 and 13). The statements give rows of cells; here
 * they become lines. */
#include "exports.h"
#include "exports_sql.h"
#include "indent.h"

#define KEYS_MAX 10000 /* numbered columns of one table */

static struct span text_of(struct takeout *t, const char *rest, const char *ending)
{
    return arena_print(t->call->arena, "%.*s%s%s%s", (int)t->stem.n, t->stem.p, rest,
                       t->is_identifiable ? "-identifiable" : "", ending);
}

static struct span plain_name(struct takeout *t, const char *rest)
{
    return arena_print(t->call->arena, "%.*s%s", (int)t->stem.n, t->stem.p, rest);
}

/* ---- JSON
 * ---------------------------------------------------------------------------------------------------------
 */

static int object_add(void *ctx, const struct row *row)
{
    struct takeout *t = ctx;

    if (t->has_row)
        text_add(t->arena, &t->text, SPAN(",\n"));
    t->has_row = true;
    TRY(indent_json(t->arena, &t->text, row_text(row, "doc")));
    return takeout_flow(t);
}

static int objects_write(struct takeout *t)
{
    return takeout_walk(t, &SQL_objects, object_add);
}

static int json_fill(struct takeout *t)
{
    t->name = text_of(t, "_all-responses", ".json");
    t->type = "text/json";
    text_add(t->arena, &t->text, SPAN("["));
    TRY(objects_write(t));
    text_add(t->arena, &t->text, SPAN("]"));
    return 0;
}

int on_export_responses_json(struct call *c, const struct export_responses_json *m)
{
    (void)m;
    return takeout_run(c, json_fill, 0);
}

/* ---- overview
 * ----------------------------------------------------------------------------------------------------- */

static int cells_add(void *ctx, const struct row *row)
{
    return takeout_row(ctx, row_text(row, "cells"), row_text(row, "more"));
}

static int overview_write(struct takeout *t)
{
    struct call *c = t->call;
    struct row head;

    db_bind_i64(c->db, "most", KEYS_MAX);
    takeout_bind_only(t);
    TRY(db_one(c->db, &SQL_heads, &head));
    if (row_i64(&head, "n") > KEYS_MAX)
        return refuse(c, ERR_TOOBIG, NULL,
                      "These sessions have more than %d different conditions and frames, too many for one "
                      "table. Please "
                      "take the JSON file.",
                      KEYS_MAX);
    TRY(takeout_row(t, row_text(&head, "heads"), row_text(&head, "keys")));
    t->keys = row_text(&head, "keys");
    return takeout_walk(t, &SQL_cells, cells_add);
}

static int csv_fill(struct takeout *t)
{
    t->name = text_of(t, "_all-responses", ".csv");
    t->type = "text/csv; charset=utf-8";
    return overview_write(t);
}

int on_export_responses_csv(struct call *c, const struct export_responses_csv *m)
{
    (void)m;
    return takeout_run(c, csv_fill, 0);
}

/* ---- children, dictionaries
 * --------------------------------------------------------------------------------------- */

static int row_add(void *ctx, const struct row *row)
{
    return takeout_row(ctx, row_text(row, "cells"), (struct span){NULL, 0});
}

static int child_add(void *ctx, const struct row *row)
{
    return row_is_null(row, "cells") ? 0 : row_add(ctx, row);
}

static int children_fill(struct takeout *t)
{
    struct row head;

    t->name = text_of(t, "_all-children", ".csv");
    t->type = "text/csv; charset=utf-8";
    TRY(db_one(t->call->db, &SQL_children_heads, &head));
    TRY(takeout_row(t, row_text(&head, "heads"), (struct span){NULL, 0}));
    return takeout_walk(t, &SQL_children, child_add);
}

int on_export_children_csv(struct call *c, const struct export_children_csv *m)
{
    (void)m;
    return takeout_run(c, children_fill, 0);
}

static int dictionary_write(struct takeout *t, bool is_about_children)
{
    t->type = "text/csv; charset=utf-8";
    TRY(takeout_row(t, SPAN("[\"column\",\"description\"]"), (struct span){NULL, 0}));
    db_bind_bool(t->call->db, "is_about_children", is_about_children);
    return db_each(t->call->db, &SQL_dictionary, row_add, t);
}

static int dictionary_fill(struct takeout *t)
{
    t->name = plain_name(t, "_all-responses-dict.csv");
    return dictionary_write(t, false);
}

int on_export_dictionary(struct call *c, const struct export_dictionary *m)
{
    (void)m;
    return takeout_run(c, dictionary_fill, 0);
}

static int children_dictionary_fill(struct takeout *t)
{
    t->name = plain_name(t, "_all-children-dict.csv");
    return dictionary_write(t, true);
}

int on_export_children_dictionary(struct call *c, const struct export_children_dictionary *m)
{
    (void)m;
    return takeout_run(c, children_dictionary_fill, 0);
}

/* ---- frame data
 * --------------------------------------------------------------------------------------------------- */

#define FRAME_HEADS "[\"response_uuid\",\"child_hashed_id\",\"frame_id\",\"event_number\",\"key\",\"value\"]"

/* Rows come response by response; each response begins a table, also one without a row. */
static int frame_row_add(void *ctx, const struct row *row)
{
    struct takeout *t = ctx;
    struct uuid uuid = row_uuid(row, "uuid");
    char text[37];

    if (!t->only && (!t->has_entry || memcmp(&uuid, &t->entry, sizeof uuid) != 0)) {
        uuid_text(&uuid, text);
        TRY(takeout_entry(t, text));
        t->entry = uuid;
        t->has_entry = true;
        TRY(takeout_row(t, SPAN(FRAME_HEADS), (struct span){NULL, 0}));
    }
    return row_is_null(row, "cells") ? 0 : row_add(t, row);
}

static int frames_write(struct takeout *t)
{
    return takeout_walk(t, &SQL_frames, frame_row_add);
}

static int frames_fill(struct takeout *t)
{
    if (t->is_external)
        return refuse(t->call, ERR_CONFLICT, NULL, "A study on another site has no frames here.");
    t->name = plain_name(t, "_framedata_per_session.zip");
    t->type = "application/zip";
    TRY(zip_open(&t->zip, t->file));
    return frames_write(t);
}

int on_export_frames_zip(struct call *c, const struct export_frames_zip *m)
{
    (void)m;
    return takeout_run(c, frames_fill, 0);
}

/* ---- one response
 * ------------------------------------------------------------------------------------------------- */

/* Gives the name of a file about the one response. */
static int one_open(struct takeout *t, const char *rest, bool is_marked, const char *ending)
{
    struct row row;
    struct uuid uuid;
    char text[37];

    TRY(db_one(t->call->db, &SQL_one, &row));
    uuid = row_uuid(&row, "uuid");
    uuid_text(&uuid, text);
    t->name = arena_print(t->call->arena, "%.*s_%s%s%s%s", (int)t->stem.n, t->stem.p, text, rest,
                          is_marked && t->is_identifiable ? "_identifiable" : "", ending);
    t->type = "text/csv; charset=utf-8";
    return 0;
}

static int one_json_fill(struct takeout *t)
{
    TRY(one_open(t, "_response", true, ".json"));
    t->type = "text/json";
    return objects_write(t);
}

static int one_csv_fill(struct takeout *t)
{
    TRY(one_open(t, "", true, ".csv"));
    return overview_write(t);
}

static int one_frames_fill(struct takeout *t)
{
    TRY(one_open(t, "_frames", false, ".csv"));
    TRY(takeout_row(t, SPAN(FRAME_HEADS), (struct span){NULL, 0}));
    return frames_write(t);
}

int on_export_one(struct call *c, const struct export_one *m)
{
    if (m->response_id == 0)
        return ERR_NOTFOUND;
    if (span_is(m->data_type_selector, "json"))
        return takeout_run(c, one_json_fill, m->response_id);
    if (span_is(m->data_type_selector, "csv"))
        return takeout_run(c, one_csv_fill, m->response_id);
    if (span_is(m->data_type_selector, "framedata"))
        return takeout_run(c, one_frames_fill, m->response_id);
    return refuse(c, ERR_INVALID, "data_type_selector", "Please choose json, csv or framedata.");
}
