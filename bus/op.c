/* op: see the header. */
#include "op.h"

#include <stdlib.h>

#include "bus_sql.h"

#define REPLY_MAX 65536u /* as in schemas/database */

bool op_counts(const struct call *c)
{
    return c->db && c->message && c->message->kind == MESSAGE_REQUEST &&
           message_field(c->message, SPAN("op_id"));
}

/* What the gateway says of the visit, not the visitor of the deed: it may differ when the same is sent again.
 */
static bool is_of_the_visit(const struct field *f)
{
    struct span name = span_of(f->name);

    return span_is(name, "origin") || span_is(name, "address") || span_is(name, "session");
}

int op_note(struct call *c, const void *body)
{
    const struct message *m = c->message;
    char *deed = arena_get(c->arena, m->size);
    uint8_t digest[32];
    struct span packed;

    c->replica->shorter = (struct span){NULL, 0};
    memcpy(deed, body, m->size);
    for (size_t i = 0; i < m->field_n; i++) {
        const struct field *f = &m->field[i];
        if (is_of_the_visit(f)) {
            MUST(f->type == FIELD_STR || f->type == FIELD_BIN);
            *(struct span *)(void *)(deed + f->offset) = SPAN("");
            field_set_there(f, deed, false);
        }
    }
    TRY(wire_pack(c->arena, m, deed, &packed, NULL));
    crypt_sha256(packed, digest);
    digest[0] ^= (uint8_t)m->id;
    digest[1] ^= (uint8_t)(m->id >> 8);
    memcpy(c->replica->op.b, digest, sizeof c->replica->op.b);
    return 0;
}

static int reply_again(struct call *c, const struct row *row)
{
    struct replica *r = c->replica;
    const struct message *m = message_by_id((uint16_t)row_i64(row, "reply_message"));

    if (!m || m->id != c->message->reply)
        return ERR_CONFLICT; /* an op_id of another release's deed */
    r->reply = (struct mail){.envelope = {.version = WIRE_VERSION, .message = m->id},
                             .body = row_bytes(row, "reply")};
    r->has_reply = c->is_replied = true;
    return 0;
}

int op_repeat(struct call *c, bool *is_repeat)
{
    struct row row;

    *is_repeat = false;
    db_bind_uuid(c->db, "op", &c->replica->op);
    TRY(db_maybe(c->db, &SQL_op_find, &row));
    if (!row.result)
        return 0;
    *is_repeat = true;
    return reply_again(c, &row);
}

int reply_shorter(struct call *c, const void *body)
{
    const struct message *m = message_by_id(c->message->reply);

    MUST(m && c->is_replied);
    return wire_pack(c->arena, m, body, &c->replica->shorter, NULL);
}

/* What a repeat will be answered with; {NULL,0}: it is too long. */
static struct span reply_kept(const struct call *c)
{
    const struct mail *reply = &c->replica->reply;
    bool is_short = !reply->envelope.has_spool && reply->body.n <= REPLY_MAX;
    struct span kept = is_short ? reply->body : c->replica->shorter;

    return c->is_replied && kept.n <= REPLY_MAX ? kept : (struct span){NULL, 0};
}

int call_commit(struct call *c)
{
    struct replica *r = c->replica;
    struct span kept;
    struct row row;
    bool is_repeat;

    if (!op_counts(c))
        return db_commit(c->db);
    kept = reply_kept(c);
    if (!kept.p) {
        log_error("handler-bug", "message=%s what=commit-before-reply", c->message->name);
        return ERR_BUG;
    }
    db_bind_uuid(c->db, "op", &r->op);
    db_bind_i64(c->db, "reply_message", r->reply.envelope.message);
    db_bind_bytes(c->db, "reply", kept);
    TRY(db_one(c->db, &SQL_op_add, &row));
    if (row_bool(&row, "is_first"))
        return db_commit(c->db);
    db_rollback(c->db); /* somebody was quicker with the same deed: theirs counts */
    TRY(op_repeat(c, &is_repeat));
    MUST(is_repeat);
    return 0;
}

static bool is_needed(const struct actor_def *def)
{
    for (const struct handler *h = def->on; h && h->message; h++)
        if (message_field(h->message, SPAN("op_id")))
            return true;
    return false;
}

const struct statement **op_statements(const struct actor_def *def)
{
    const struct statement **all;
    size_t n = 0, frame_n = 0;

    while (def->sql && def->sql[n])
        n++;
    while (is_needed(def) && bus_sql[frame_n])
        frame_n++;
    all = malloc((n + frame_n + 1) * sizeof *all);
    MUST(all);
    if (n)
        memcpy(all, def->sql, n * sizeof *all);
    if (frame_n)
        memcpy(all + n, bus_sql, frame_n * sizeof *all);
    all[n + frame_n] = NULL;
    return all;
}
