/* save: the numbered saves of the player. The row of the response is locked first, so the saves of one
 * response come one after the other, whichever replica has them. */
#include "responses.h"
#include "responses_sql.h"

static int standing(struct call *c, int64_t next, int err)
{
    struct response_standing s = {.next = (uint32_t)next, .err = (uint16_t)err, .has_err = err != 0};

    return reply(c, &MESSAGE_response_standing, &s);
}

int on_response_append(struct call *c, const struct response_append *m)
{
    struct row response, place;
    uint8_t sha256[32];
    struct span digest = {(const char *)sha256, sizeof sha256}, kept;
    int64_t next, id;

    crypt_sha256(m->body, sha256);
    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_response_lock, &response));
    id = row_i64(&response, "id");
    db_bind_i64(c->db, "id", id);
    db_bind_i64(c->db, "study_type", row_i64(&response, "study_type"));
    TRY(db_one(c->db, &SQL_save_place, &place));
    next = row_i64(&place, "next");
    kept = row_bytes(&place, "digest");
    if (m->number != next) { /* a repeat of what is here, or not its turn */
        db_rollback(c->db);
        return standing(c, next, span_same(kept, digest) ? 0 : ERR_CONFLICT);
    }
    if (!row_is_null(&place, "refusal"))
        return refuse(c, ERR_INVALID, NULL, "%.*s", (int)row_text(&place, "refusal").n,
                      row_text(&place, "refusal").p);
    if (!row_bool(&response, "has_frames"))
        return refuse(c, ERR_CONFLICT, NULL, "This response holds a list of trials, not frames.");
    db_bind_i64(c->db, "id", id);
    db_bind_bytes(c->db, "digest", digest);
    TRY(db_run(c->db, &SQL_save_add, NULL));
    TRY(db_commit(c->db));
    return standing(c, next + 1, 0);
}
