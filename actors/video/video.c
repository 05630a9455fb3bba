/* video: the relay. Chunks in, durable on this machine's disk before they are acknowledged, a file in the
 * store at the end.
 *
 * Hears:  upload.*, video.*, api.video_create (gateway), video.stored (video)      Says:  video.stored (event)
 * Owns:   tables video, upload
 * Blocks: on its own connection, at most statement_timeout; on the disk
 */
#include "video.h"

#include <stdlib.h>

#include "video_sql.h"

static const struct conf_item settings[] = {
#define CONF(key, type, standard, min, max, doc) {key, CONF_##type, standard, min, max, doc},
#include "conf.def"
#undef CONF
    {0}};

static void fini(struct replica *r, void *state)
{
    struct relay *relay = state;

    (void)r;
    if (!relay)
        return;
    store_close(&relay->store);
    spool_close(&relay->spool);
    free(relay);
}

static int init(struct replica *r, void **state)
{
    int64_t floor = conf_int(replica_conf(r), "disk-floor");
    struct relay *relay = calloc(1, sizeof *relay);

    MUST(relay && replica_store_dir(r) && replica_spool_dir(r));
    *state = relay;
    TRY(store_open(&relay->store, replica_store_dir(r), floor));
    return spool_open(&relay->spool, replica_spool_dir(r), 0);
}

int video_event(struct call *c, const char *kind, int64_t account, const struct uuid *subject)
{
    db_bind_text(c->db, "kind", span_of(kind));
    if (account)
        db_bind_i64(c->db, "account", account);
    else
        db_bind_null(c->db, "account");
    db_bind_uuid(c->db, "subject", subject);
    return db_run(c->db, &SQL_event_video, NULL);
}

const struct actor_def video_actor = {
    .name = "video",
    .conf = settings,
    .has_db = true,
    .init = init,
    .fini = fini,
    .tick_ms = 15000,
    .tick = relay_tick,
    .on = (const struct handler[]){ON(upload_create, on_upload_create),
                                   ON(upload_append, on_upload_append),
                                   ON(upload_head, on_upload_head),
                                   ON(upload_drop, on_upload_drop),
                                   ON(api_video_create, on_api_video_create),
                                   VIEW(video_list),
                                   ON(video_show, on_video_show),
                                   ON(video_own, on_video_own),
                                   ON(video_stored, on_video_stored),
                                   {0}},
    .sql = video_sql,
};
