/* builder: makes a version of a study: the protocol as it stands and the player that travels in this binary,
 * each file stored under its digest, and a manifest that names them all. The digest of the manifest is the
 * name of the version: the same input gives the same version, and a version never changes.
 *
 * Hears:  version.* (gateway; build from studies, too)      Says:  nothing
 * Owns:   table study_version
 * Blocks: on its own connection, at most statement_timeout; on the disk
 *
 * Which version a study serves is written by study_built() (0012_studies.sql), in the transaction of the
 * version.
 */
#include "builder.h"

#include "builder_sql.h"

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

int on_version_file(struct call *c, const struct version_file *m)
{
    struct reply_stored stored = {
        .tag = {NULL, 0}, .has_tag = true, .is_immutable = true, .has_is_immutable = true};
    struct row row;

    (void)m;
    TRY(db_maybe(c->db, &SQL_version_file, &row));
    if (!row.result || row_is_null(&row, "sha256"))
        return ERR_NOTFOUND;
    stored.tag = row_text(&row, "sha256");
    stored.type = row_text(&row, "type");
    stored.path = arena_print(c->arena, "objects/%.2s/%.*s", stored.tag.p, (int)stored.tag.n, stored.tag.p);
    return reply(c, &MESSAGE_reply_stored, &stored);
}

/* The page that runs the version served now. */
static int run(struct call *c, bool is_preview)
{
    struct row row;
    struct span name, contact;

    db_bind_bool(c->db, "is_preview", is_preview);
    TRY(db_one(c->db, &SQL_version_run, &row));
    name = row_text(&row, "name");
    contact = row_text(&row, "contact_info");
    if (is_preview && !row_bool(&row, "may_preview"))
        return ERR_NOTFOUND;
    if (!is_preview && !span_is(row_text(&row, "state"), "active"))
        return refuse(c, ERR_DENIED, NULL,
                      "The study “%.*s” is not collecting data: it is over, or has a break. If you have "
                      "questions, please contact %.*s.",
                      (int)name.n, name.p, (int)contact.n, contact.p);
    if (!row_bool(&row, "has_child"))
        return ERR_NOTFOUND;
    if (row_is_null(&row, "version"))
        return refuse(c, ERR_CONFLICT, NULL,
                      "“%.*s” is not ready to run yet: its researchers still have to build it.", (int)name.n,
                      name.p);
    return reply_doc(c, row_text(&row, "doc"));
}

int on_version_play(struct call *c, const struct version_play *m)
{
    (void)m;
    return run(c, false);
}

int on_version_preview(struct call *c, const struct version_preview *m)
{
    (void)m;
    return run(c, true);
}

const struct actor_def builder_actor = {
    .name = "builder",
    .has_db = true,
    .init = init,
    .fini = fini,
    .on = (const struct handler[]){ON(version_build, on_version_build),
                                   ON(version_file, on_version_file),
                                   ON(version_play, on_version_play),
                                   ON(version_preview, on_version_preview),
                                   {0}},
    .sql = builder_sql,
};
