/* janitor: takes away what is to be gone.
 *
 * Hears:  video.erase (scheduler)      Says:  nothing
 * Owns:   no table
 * Blocks: on the disk; on its own connection
 */
#include "janitor.h"

#include "janitor_sql.h"
#include "store.h"

static int init(struct replica *r, void **state)
{
    const char *where = replica_store_dir(r);
    struct store *store = NULL;

    if (!where)
        return ERR_AWAY;
    TRY(store_open(&store, where, 0));
    *state = store;
    return 0;
}

static void fini(struct replica *r, void *state)
{
    struct store *store = state;

    (void)r;
    store_close(&store);
}

static int on_erase(struct call *c, const struct video_erase *m)
{
    const struct json *payload;
    struct uuid study, draft;
    struct span name, draft_text;
    struct row row;

    TRY(json_parse(c->arena, m->payload, &payload, NULL));
    name = json_string(json_get(payload, "name"));
    draft_text = json_string(json_get(payload, "draft"));
    if (uuid_read(json_string(json_get(payload, "study")), &study) || !store_name_is_good(name) ||
        (draft_text.n && uuid_read(draft_text, &draft)))
        return refuse(c, ERR_INVALID, NULL, "The job does not say which file.");
    if (draft_text.n) /* it was still arriving; no other upload has this id */
        TRY(store_draft_remove(c->state, &draft));
    db_bind_text(c->db, "name", name);
    TRY(db_one(c->db, &SQL_video_wanted, &row));
    if (row_bool(&row, "is_wanted")) { /* recorded again under its old name: the file is that one's now */
        log_info("video-kept", "job=%llu", (unsigned long long)m->job);
        return reply_done(c);
    }
    TRY(store_video_remove(c->state, &study, name));
    log_info("video-erased", "job=%llu", (unsigned long long)m->job);
    return reply_done(c);
}

/* Deeds that nobody will repeat any more. */
static int tick(struct call *c)
{
    return db_run(c->db, &SQL_op_sweep, NULL);
}

const struct actor_def janitor_actor = {
    .name = "janitor",
    .has_db = true,
    .init = init,
    .fini = fini,
    .tick_ms = 60 * 60 * 1000,
    .tick = tick,
    .on = (const struct handler[]){ON(video_erase, on_erase), {0}},
    .sql = janitor_sql,
};
