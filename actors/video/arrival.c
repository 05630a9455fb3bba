/* arrival: a recording that is complete becomes a video. First the file, then the row that speaks of it: a
 * crash in between leaves the upload 'received', and whoever comes next does both again. */
#include <errno.h>
#include <unistd.h>

#include "name.h"
#include "video.h"
#include "video_sql.h"
#include "webm.h"

#define ABANDONED_S (24 * 60 * 60)

int upload_arrive(struct call *c, const struct uuid *upload)
{
    const struct relay *relay = c->state;
    struct video_name name;
    struct video_stored stored;
    struct uuid study;
    struct row row, added;
    int64_t id;

    TRY(db_begin(c->db));
    db_bind_uuid(c->db, "upload", upload);
    TRY(db_maybe(c->db, &SQL_upload_received, &row));
    if (!row.result)
        return db_commit(c->db); /* somebody else was quicker */
    id = row_i64(&row, "id");
    study = row_uuid(&row, "study");
    TRY(video_name_read(row_text(&row, "full_name"), &name));
    TRY(store_draft_keep(relay->store, upload, &study, row_text(&row, "full_name")));
    db_bind_i64(c->db, "id", id);
    db_bind_time(c->db, "recorded_at", name.made_us);
    TRY(db_maybe(c->db, &SQL_video_add, &added));
    db_bind_i64(c->db, "id", id);
    TRY(db_run(c->db, &SQL_upload_stored, NULL));
    if (added.result) {
        stored = (struct video_stored){row_uuid(&added, "uuid"), row_uuid(&added, "response")};
        TRY(video_event(c, "video.stored", row_i64(&added, "account"), &stored.video));
    }
    TRY(db_commit(c->db));
    if (added.result)
        say(c, &MESSAGE_video_stored, &stored);
    return 0;
}

/* A family that did not come back within a day: what arrived is kept as a shorter recording, nothing is not.
 */
static int abandoned_close(struct call *c, const struct row *old)
{
    const struct relay *relay = c->state;
    struct uuid upload = row_uuid(old, "uuid");
    uint64_t size = 0;
    int64_t age_s = 0;
    int err = store_draft_age(relay->store, &upload, &size, &age_s);

    if (err && err != ERR_NOTFOUND)
        return err;
    db_bind_i64(c->db, "id", row_i64(old, "id"));
    if (err == 0 && age_s < ABANDONED_S)
        return db_run(c->db, &SQL_upload_touch, NULL);
    db_bind_i64(c->db, "offset_bytes", (int64_t)size);
    TRY(db_run(c->db, &SQL_upload_give_up, NULL));
    log_info("upload-abandoned", "upload=%lld bytes=%llu", (long long)row_i64(old, "id"),
             (unsigned long long)size);
    return 0;
}

static int digest_of(int fd, uint8_t out[32])
{
    struct crypt_digest *d = crypt_digest_new(DIGEST_SHA256);
    static _Thread_local char bytes[256 * 1024];
    ssize_t n;

    do {
        n = read(fd, bytes, sizeof bytes);
        if (n > 0)
            crypt_digest_add(d, (struct span){bytes, (size_t)n});
    } while (n > 0 || (n < 0 && errno == EINTR));
    (void)crypt_digest_end(d, out);
    crypt_digest_free(&d);
    return n < 0 ? ERR_AWAY : 0;
}

static int finish(int in, uint64_t size, int out, void *ctx)
{
    return webm_finish(in, size, out, ctx);
}

/* Duration and index for players, then the digest of what lies there now, for exports and for whoever checks
 * a backup. Copying a long recording takes a second, so the family does not wait for it. A crash in between:
 * it is done again; a finished file is left alone. */
static int video_finish(struct call *c, const struct row *video)
{
    const struct relay *relay = c->state;
    struct uuid study = row_uuid(video, "study");
    struct span name = row_text(video, "full_name");
    struct webm_report report;
    uint8_t sha256[32];
    uint64_t size;
    int fd, err = store_video_rewrite(relay->store, &study, name, finish, &report);

    if (err == 0)
        log_info("video-finished", "video=%lld ms=%.0f clusters=%u cut=%llu", (long long)row_i64(video, "id"),
                 report.duration_ms, report.clusters, (unsigned long long)report.bytes_cut);
    if (err && err != ERR_UNSUPPORTED && err != ERR_NOTFOUND)
        return err;
    err = store_video_get(relay->store, &study, name, &fd, &size);
    if (err == ERR_NOTFOUND) {
        log_warn("video-missing", "video=%lld", (long long)row_i64(video, "id"));
        return 0;
    }
    TRY(err);
    err = digest_of(fd, sha256);
    (void)close(fd);
    TRY(err);
    db_bind_i64(c->db, "id", row_i64(video, "id"));
    db_bind_i64(c->db, "size_bytes", (int64_t)size);
    db_bind_bytes(c->db, "sha256", (struct span){(const char *)sha256, sizeof sha256});
    return db_run(c->db, &SQL_video_finished, NULL);
}

static int videos_finish(struct call *c)
{
    struct rows_found found;

    TRY(db_rows(c->db, &SQL_video_unfinished, &found));
    for (int i = 0; i < found.n; i++) {
        struct row video = rows_at(found, i);
        TRY(video_finish(c, &video));
    }
    return 0;
}

int on_video_stored(struct call *c, const struct video_stored *m)
{
    (void)m;
    return videos_finish(c);
}

int relay_tick(struct call *c)
{
    struct rows_found found;

    TRY(db_rows(c->db, &SQL_upload_abandoned, &found));
    for (int i = 0; i < found.n; i++) {
        struct row old = rows_at(found, i);
        TRY(abandoned_close(c, &old));
    }
    TRY(db_rows(c->db, &SQL_upload_unstored, &found));
    for (int i = 0; i < found.n; i++) {
        struct row waiting = rows_at(found, i);
        struct uuid upload = row_uuid(&waiting, "uuid");
        TRY(upload_arrive(c, &upload));
    }
    return videos_finish(c);
}
