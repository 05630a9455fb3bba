/* upload: recordings on their way in (tus 1.0, see gateway/upload.h).
 *
 * The row says how much is acknowledged; the draft holds at least that much. A chunk is durable in the draft
 * before the row moves on, so a crash between the two only means that the client sends the chunk again, and
 * the draft's unacknowledged tail is replaced. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "name.h"
#include "video.h"
#include "video_sql.h"

#define CHUNK_MAX (1u << 20)

static int standing(struct call *c, const struct uuid *upload, uint64_t offset, bool has_length,
                    uint64_t length, int err)
{
    struct upload_standing s = {.upload = *upload,
                                .offset = offset,
                                .length = length,
                                .has_length = has_length,
                                .err = (uint16_t)err,
                                .has_err = err != 0};

    return reply(c, &MESSAGE_upload_standing, &s);
}

static int standing_of(struct call *c, const struct uuid *upload, const struct row *row, int err)
{
    return standing(c, upload, (uint64_t)row_i64(row, "offset_bytes"), !row_is_null(row, "total_bytes"),
                    (uint64_t)row_i64(row, "total_bytes"), err);
}

/* The name is the client's; it must speak of the session that it is for. */
static int name_check(struct call *c, const struct upload_create *m, const struct uuid *study)
{
    struct video_name name;

    if (!store_name_is_good(m->filename) || video_name_read(m->filename, &name))
        return refuse(c, ERR_INVALID, "filename", "The name of a recording has six parts, as in video.md.");
    if (memcmp(&name.study, study, sizeof *study) != 0 ||
        memcmp(&name.response, &m->response, sizeof m->response) != 0 || !span_same(name.frame, m->frame))
        return refuse(c, ERR_INVALID, "filename", "The name speaks of another study, frame or session.");
    return 0;
}

int on_upload_create(struct call *c, const struct upload_create *m)
{
    const struct relay *relay = c->state;
    uint64_t size_max = (uint64_t)conf_int(c->conf, "upload-max");
    struct uuid study, upload;
    struct row row;
    int64_t response;

    if (m->has_length && m->length > size_max)
        return refuse(c, ERR_TOOBIG, NULL, "This recording is larger than the site allows.");
    if (store_free_bytes(relay->store) < conf_int(c->conf, "disk-floor"))
        return refuse(c, ERR_FULL, NULL,
                      "There is no room for recordings now; please keep it and try later.");
    TRY(db_begin(c->db));
    TRY(db_maybe(c->db, &SQL_upload_find_response, &row));
    if (!row.result)
        return ERR_NOTFOUND;
    response = row_i64(&row, "id");
    study = row_uuid(&row, "study");
    TRY(name_check(c, m, &study));
    db_bind_i64(c->db, "response_id", response);
    TRY(db_one(c->db, &SQL_upload_busy, &row));
    if (row_i64(&row, "n") > conf_int(c->conf, "uploads-per-session"))
        return refuse(c, ERR_LIMITED, NULL, "Too many recordings of this session are on their way.");
    db_bind_i64(c->db, "response_id", response);
    TRY(db_one(c->db, &SQL_upload_create, &row));
    if (!row_bool(&row, "is_ours"))
        return refuse(c, ERR_CONFLICT, "filename", "A recording of another session has this name.");
    upload = row_uuid(&row, "uuid");
    TRY(db_commit(c->db));
    return standing_of(c, &upload, &row, 0);
}

/* The chunk, from the spool into memory: at most 1 MiB. */
static int chunk_read(struct call *c, const struct upload_append *m, struct span *out)
{
    const struct relay *relay = c->state;
    uint64_t size;
    char *bytes;
    size_t n = 0;
    int fd;

    if (m->bytes > CHUNK_MAX)
        return refuse(c, ERR_TOOBIG, NULL, "A chunk has at most 1 MiB.");
    TRY(spool_read(relay->spool, &m->spool, &fd, &size));
    bytes = arena_get(c->arena, m->bytes + 1u);
    while (n < m->bytes) {
        ssize_t got = read(fd, bytes + n, m->bytes - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    (void)close(fd);
    if (n != m->bytes || size != m->bytes)
        return refuse(c, ERR_AWAY, NULL, "The chunk was lost on this machine; please send it again.");
    *out = (struct span){bytes, n};
    return 0;
}

/* 0 when the chunk fits; else the ERR_* for the client, who learns the right offset. */
static int chunk_fits(const struct upload_append *m, const struct row *row, uint64_t size_max)
{
    uint64_t offset = (uint64_t)row_i64(row, "offset_bytes"), end = m->offset + m->bytes;
    bool has_total = !row_is_null(row, "total_bytes");
    uint64_t total = has_total ? (uint64_t)row_i64(row, "total_bytes") : m->has_length ? m->length : size_max;

    if (m->offset != offset)
        return ERR_CONFLICT;
    if (has_total && m->has_length && m->length != total)
        return ERR_CONFLICT;
    return end > total || total > size_max ? ERR_TOOBIG : 0;
}

static int append(struct call *c, const struct upload_append *m)
{
    const struct relay *relay = c->state;
    uint64_t size_max = (uint64_t)conf_int(c->conf, "upload-max");
    struct row row, moved;
    struct span chunk;
    int err;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_upload_lock, &row));
    if (span_is(row_text(&row, "state"), "ended"))
        return ERR_GONE;
    err = chunk_fits(m, &row, size_max);
    if (err || !span_is(row_text(&row, "state"), "receiving")) {
        db_rollback(c->db);
        return standing_of(c, &m->upload, &row, err ? err : m->bytes ? ERR_CONFLICT : 0);
    }
    TRY(chunk_read(c, m, &chunk));
    if (chunk.n)
        TRY(store_draft_append(relay->store, &m->upload, m->offset, chunk));
    db_bind_i64(c->db, "id", row_i64(&row, "id"));
    db_bind_i64(c->db, "offset_bytes", (int64_t)(m->offset + m->bytes));
    if (m->has_length)
        db_bind_i64(c->db, "total_bytes", (int64_t)m->length);
    else if (row_is_null(&row, "total_bytes"))
        db_bind_null(c->db, "total_bytes");
    else
        db_bind_i64(c->db, "total_bytes", row_i64(&row, "total_bytes"));
    TRY(db_one(c->db, &SQL_upload_advance, &moved));
    TRY(db_commit(c->db));
    if (span_is(row_text(&moved, "state"), "received"))
        TRY(upload_arrive(c, &m->upload));
    return standing(c, &m->upload, m->offset + m->bytes, m->has_length || !row_is_null(&row, "total_bytes"),
                    m->has_length ? m->length : (uint64_t)row_i64(&row, "total_bytes"), 0);
}

int on_upload_append(struct call *c, const struct upload_append *m)
{
    const struct relay *relay = c->state;
    int err = append(c, m);

    /* After a refusal the gateway removes the chunk itself; a busy database makes the frame run this again,
     * with the chunk. */
    if (!err)
        spool_remove(relay->spool, &m->spool);
    return err;
}

int on_upload_head(struct call *c, const struct upload_head *m)
{
    struct row row;

    TRY(db_one(c->db, &SQL_upload_find, &row));
    if (span_is(row_text(&row, "state"), "ended"))
        return ERR_GONE;
    if (span_is(row_text(&row, "state"), "received"))
        TRY(upload_arrive(c, &m->upload));
    return standing_of(c, &m->upload, &row, 0);
}

int on_upload_drop(struct call *c, const struct upload_drop *m)
{
    const struct relay *relay = c->state;
    struct row row;

    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_upload_lock, &row));
    if (span_is(row_text(&row, "state"), "ended"))
        return ERR_GONE;
    if (!span_is(row_text(&row, "state"), "receiving"))
        return refuse(c, ERR_CONFLICT, NULL, "This recording is complete and cannot be given up any more.");
    db_bind_i64(c->db, "id", row_i64(&row, "id"));
    TRY(db_run(c->db, &SQL_upload_end, NULL));
    TRY(db_commit(c->db));
    TRY(store_draft_remove(relay->store, &m->upload));
    return reply_done(c);
}
