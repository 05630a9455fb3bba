/* upload: recordings on their way in (tus 1.0, see gateway/upload.h).
 *
 * The row says that an upload exists, whose it is, and how long it will be; how much of it is here, the
 * draft's own length says, which is durable before a chunk is acknowledged. So a chunk costs one write to the
 * disk and none to the database. */
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

/* Bytes that are here: of an upload that is still growing the draft's, else the row's. */
static int offset_of(struct call *c, const struct uuid *upload, const struct row *row, uint64_t *offset)
{
    const struct relay *relay = c->state;
    int fd, err;

    *offset = (uint64_t)row_i64(row, "offset_bytes");
    if (!span_is(row_text(row, "state"), "receiving"))
        return 0;
    err = store_draft_get(relay->store, upload, &fd, offset);
    if (err == 0)
        (void)close(fd);
    return err == ERR_NOTFOUND ? 0 : err;
}

static int standing_of(struct call *c, const struct uuid *upload, const struct row *row, uint64_t offset,
                       int err)
{
    return standing(c, upload, offset, !row_is_null(row, "total_bytes"),
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
    uint64_t offset;

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
    TRY(offset_of(c, &upload, &row, &offset));
    return standing_of(c, &upload, &row, offset, 0);
}

/* The length is told with one of the chunks, or was told before; then it must be the same. */
static int length_settle(struct call *c, const struct upload_append *m, const struct row *row,
                         bool *has_total, uint64_t *total)
{
    *has_total = !row_is_null(row, "total_bytes");
    *total = (uint64_t)row_i64(row, "total_bytes");
    if (!m->has_length || (*has_total && *total == m->length))
        return 0;
    if (*has_total)
        return refuse(c, ERR_CONFLICT, NULL, "The length was another before.");
    if (m->length > (uint64_t)conf_int(c->conf, "upload-max"))
        return refuse(c, ERR_TOOBIG, NULL, "This recording is larger than the site allows.");
    db_bind_i64(c->db, "id", row_i64(row, "id"));
    db_bind_i64(c->db, "total_bytes", (int64_t)m->length);
    TRY(db_run(c->db, &SQL_upload_length, NULL));
    *has_total = true;
    *total = m->length;
    return 0;
}

/* The chunk goes from the spool to the end of the draft. */
static int chunk_append(struct call *c, const struct upload_append *m, uint64_t *offset)
{
    const struct relay *relay = c->state;
    uint64_t size;
    int fd, err;

    err = spool_read(relay->spool, &m->spool, &fd, &size);
    if (err == ERR_NOTFOUND)
        return refuse(c, ERR_AWAY, NULL, "The chunk was lost on this machine; please send it again.");
    TRY(err);
    err = size == m->bytes ? store_draft_append(relay->store, &m->upload, m->offset, fd, m->bytes, offset)
                           : ERR_MALFORMED;
    (void)close(fd);
    return err;
}

/* All is here: the row says so, and the recording moves to its place. */
static int complete(struct call *c, const struct uuid *upload, int64_t id, uint64_t total)
{
    db_bind_i64(c->db, "id", id);
    db_bind_i64(c->db, "offset_bytes", (int64_t)total);
    TRY(db_run(c->db, &SQL_upload_complete, NULL));
    return upload_arrive(c, upload);
}

static int append(struct call *c, const struct upload_append *m)
{
    uint64_t size_max = (uint64_t)conf_int(c->conf, "upload-max"), offset, total;
    struct row row;
    bool has_total;
    int err = 0;

    if (m->bytes > CHUNK_MAX)
        return refuse(c, ERR_TOOBIG, NULL, "A chunk has at most 1 MiB.");
    TRY(db_one(c->db, &SQL_upload_find, &row));
    if (span_is(row_text(&row, "state"), "ended"))
        return ERR_GONE;
    TRY(offset_of(c, &m->upload, &row, &offset));
    if (!span_is(row_text(&row, "state"), "receiving")) {
        TRY(upload_arrive(c, &m->upload)); /* a crash may have come before it did */
        return standing_of(c, &m->upload, &row, offset,
                           m->offset == offset && m->bytes == 0 ? 0 : ERR_CONFLICT);
    }
    TRY(length_settle(c, m, &row, &has_total, &total));
    if (m->offset != offset)
        err = ERR_CONFLICT;
    else if (m->offset + m->bytes > (has_total ? total : size_max))
        err = ERR_TOOBIG;
    else if (m->bytes)
        err = chunk_append(c, m, &offset);
    if (err && err != ERR_CONFLICT && err != ERR_TOOBIG)
        return err;
    if (has_total && offset == total)
        TRY(complete(c, &m->upload, row_i64(&row, "id"), total));
    return standing(c, &m->upload, offset, has_total, total, err);
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
    uint64_t offset;

    TRY(db_one(c->db, &SQL_upload_find, &row));
    if (span_is(row_text(&row, "state"), "ended"))
        return ERR_GONE;
    TRY(offset_of(c, &m->upload, &row, &offset));
    if (!row_is_null(&row, "total_bytes") && offset == (uint64_t)row_i64(&row, "total_bytes") &&
        !span_is(row_text(&row, "state"), "stored"))
        TRY(complete(c, &m->upload, row_i64(&row, "id"),
                     offset)); /* a crash came between the last chunk and this */
    return standing_of(c, &m->upload, &row, offset, 0);
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
