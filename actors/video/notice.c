/* notice: a recording that came to a store elsewhere is registered by the machine that saw it arrive (spec of
 * the API, 11). No user stands behind it, only a signature. */
#include "signature.h"
#include "utf8.h"
#include "video.h"
#include "video_sql.h"

#define NAME_MAX_CHARACTERS 255

static int not_found(struct call *c, const char *what)
{
    return refuse(c, ERR_NOTFOUND, NULL, "No %s matches the given query.", what);
}

/* In this order (spec of the API, 11.2), but that nobody without a signature learns which rows there are. */
static int sender_check(struct call *c, const struct api_video_create *m, const struct row *known)
{
    bool lacks_study = !m->has_study && !fault_at(c, "relationships/study").p;
    bool lacks_response = !m->has_response && !fault_at(c, "relationships/response").p;

    if (m->has_study && row_is_null(known, "study_id"))
        return not_found(c, "Study");
    if (m->has_response && row_is_null(known, "response_id"))
        return not_found(c, "Response");
    if (lacks_study || lacks_response)
        return refuse(c, ERR_MALFORMED, NULL, "Missing required relationship: %s",
                      lacks_study ? "study" : "response");
    if (!signature_is_right(c->arena, span_of(conf_str(c->conf, "video-hmac-key")), m->document,
                            m->signature))
        return fault_refuse(c, ERR_LOGIN, "authentication_failed", "HMAC signatures do not match.");
    return 0;
}

static void name_look(struct call *c, const struct api_video_create *m, const char *name, bool has,
                      struct span value, bool is_needed)
{
    const char *place = arena_print(c->arena, "attributes/%s", name).p;

    if (!has && is_needed && list_has(m->nulls, name))
        fault_add(c, place, "null", "This field may not be null.");
    else if (!has && is_needed)
        fault_add(c, place, "required", "This field is required.");
    else if (has && utf8_characters(value) > NAME_MAX_CHARACTERS)
        fault_add(c, place, "max_length", "At most %d characters fit here.", NAME_MAX_CHARACTERS);
}

/* A text that is empty or too long is no time, like any other that is none. */
static bool is_no_time(struct span code)
{
    return code.p && !span_is(code, "null") && !span_is(code, "required");
}

static int fields_check(struct call *c, const struct api_video_create *m, const struct row *known)
{
    TRY(relation_check(c, m->has_study_type, m->study_type, "studies"));
    TRY(relation_check(c, m->has_response_type, m->response_type, "responses"));
    name_look(c, m, "full_name", m->has_full_name, m->full_name, true);
    name_look(c, m, "frame_id", m->has_frame_id, m->frame_id, true);
    name_look(c, m, "pipe_name", m->has_pipe_name, m->pipe_name, false);
    name_look(c, m, "s3_timestamp", m->has_s3_timestamp, m->s3_timestamp, true);
    if ((m->has_s3_timestamp && row_is_null(known, "recorded_at")) ||
        is_no_time(fault_at(c, "attributes/s3_timestamp")))
        fault_set(c, "attributes/s3_timestamp", "invalid",
                  "Please give a time like 2024-05-01T12:51:30.123Z.");
    if (row_bool(known, "is_name_taken"))
        fault_add(c, "attributes/full_name", "unique", "There is a video of this full name already.");
    if (row_bool(known, "is_pipe_name_taken"))
        fault_add(c, "attributes/pipe_name", "unique", "There is a video of this pipe name already.");
    if (m->has_study && m->has_response && !row_bool(known, "is_of_study"))
        fault_add(c, "relationships/response", "invalid", "This response is not one to that study.");
    return faults_check(c);
}

int on_api_video_create(struct call *c, const struct api_video_create *m)
{
    struct row known, made;
    struct uuid uuid;
    char text[37];
    int err;

    if (!m->has_signature)
        return fault_refuse(c, ERR_LOGIN, "authentication_failed",
                            "No HMAC signature found in request header.");
    faults_take(c, m->faults);
    TRY(db_begin(c->db));
    TRY(db_one(c->db, &SQL_notice_known, &known));
    TRY(sender_check(c, m, &known));
    TRY(fields_check(c, m, &known));
    db_bind_i64(c->db, "study_id", row_i64(&known, "study_id"));
    db_bind_i64(c->db, "response_id", row_i64(&known, "response_id"));
    db_bind_time(c->db, "recorded_at", row_time(&known, "recorded_at"));
    err = db_one(c->db, &SQL_notice_add, &made);
    if (err == ERR_CONFLICT) { /* somebody registered it in this moment */
        const char *name =
            strstr(db_constraint(c->db), "pipe_name") ? "attributes/pipe_name" : "attributes/full_name";
        fault_add(c, name, "unique", "There is a video of this name already.");
        return faults_check(c);
    }
    TRY(err);
    uuid = row_uuid(&made, "uuid");
    TRY(video_event(c, "video.registered", 0, &uuid));
    uuid_text(&uuid, text);
    TRY(reply_created(c, row_text(&made, "doc"), "/api/%.*s/video/%s/", (int)m->v.n, m->v.p, text));
    return call_commit(c);
}
