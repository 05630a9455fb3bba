/* watch: recordings that have arrived, for those who may see them. Who watched is in the event log: families
 * may ask. */
#include "video.h"
#include "video_sql.h"

/* The type is what the family's browser said of its upload: it is repeated only if it is a moving picture or
 * a sound, so that a recording never becomes a page or a script of this site. */
static struct span type_of(struct span said)
{
    bool is_media = said.n > 6 && (memcmp(said.p, "video/", 6) == 0 || memcmp(said.p, "audio/", 6) == 0);

    for (size_t i = 0; i < said.n; i++)
        is_media = is_media && said.p[i] >= ' ' && said.p[i] < 0x7f;
    return is_media ? said : SPAN("application/octet-stream");
}

static int reply_file(struct call *c, const struct row *row, bool is_download)
{
    struct uuid study = row_uuid(row, "study_uuid");
    struct span name = row_text(row, "full_name"), sha256 = row_bytes(row, "sha256");
    struct reply_stored r = {
        .type = type_of(row_text(row, "content_type")), .name = name, .has_name = is_download};
    char study_text[37], tag[65];

    uuid_text(&study, study_text);
    r.path = arena_print(c->arena, "video/%s/%.*s", study_text, (int)name.n, name.p);
    if (sha256.n == 32) {
        (void)crypt_hex(sha256, tag, sizeof tag);
        r.tag = span_of(tag);
        r.has_tag = true;
    }
    return reply(c, &MESSAGE_reply_stored, &r);
}

int on_video_show(struct call *c, const struct video_show *m)
{
    struct row row;
    struct uuid video;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_video_show, &row));
    video = row_uuid(&row, "uuid");
    if (row_bool(&row, "is_fresh")) /* a player asks for many ranges of one watching */
        TRY(video_event(c, "video.watched", (int64_t)m->viewer, &video));
    TRY(db_commit(c->db));
    return reply_file(c, &row, m->has_mode && span_is(m->mode, "download"));
}

int on_video_own(struct call *c, const struct video_own *m)
{
    struct row row;

    (void)m;
    TRY(db_one(c->db, &SQL_video_own, &row));
    return reply_file(c, &row, false);
}
