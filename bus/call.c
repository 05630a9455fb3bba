/* call: what a handler may say: replies, refusals, events, questions to others. */
#include <stdarg.h>
#include <stdio.h>

#include "house.h"

#define TEXT_MAX 1000u /* as in reply.toml */
#define FIELD_MAX 100u
#define ERRORS_MAX 32768u
#define LINE_MAX_BYTES 2048

/* Prints into the arena, cut to max bytes between two characters. */
static struct span text_vprint(struct arena *a, size_t max, const char *fmt, va_list args)
{
    char line[LINE_MAX_BYTES];
    int n = vsnprintf(line, sizeof line, fmt, args);
    struct span s = {line, n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1};

    if (s.n > max)
        s.n = max;
    while (s.n && s.n < (size_t)n && ((unsigned char)line[s.n] & 0xc0) == 0x80)
        s.n--;
    return arena_copy(a, s);
}

/* ---- refusals
 * ------------------------------------------------------------------------------------------------------- */

static struct span field_name(struct call *c, const char *field)
{
    struct span name = span_of(field);

    MUST(name.n <= FIELD_MAX);
    return name.p ? arena_copy(c->arena, name) : name;
}

int refuse(struct call *c, int err, const char *field, const char *fmt, ...)
{
    va_list args;

    MUST(err);
    va_start(args, fmt);
    c->refusal->text = text_vprint(c->arena, TEXT_MAX, fmt, args);
    va_end(args);
    c->refusal->field = field_name(c, field);
    return err;
}

void form_error(struct call *c, const char *field, const char *fmt, ...)
{
    struct refusal *r = c->refusal;
    va_list args;

    if (r->wrong_n == WRONG_MAX)
        return;
    va_start(args, fmt);
    r->wrong[r->wrong_n].sentence = text_vprint(c->arena, TEXT_MAX, fmt, args);
    va_end(args);
    r->wrong[r->wrong_n++].field = field_name(c, field);
}

/* {"field":["sentence",…],…} in the order of the first sentence of each field. */
static struct span errors_json(struct arena *a, const struct refusal *r)
{
    bool is_done[WRONG_MAX] = {false};
    struct json_out o;

    json_out_init(&o, a);
    json_object(&o);
    for (size_t i = 0; i < r->wrong_n; i++) {
        if (is_done[i])
            continue;
        json_key(&o, r->wrong[i].field);
        json_array(&o);
        for (size_t k = i; k < r->wrong_n; k++)
            if (span_same(r->wrong[k].field, r->wrong[i].field)) {
                json_add_string(&o, r->wrong[k].sentence);
                is_done[k] = true;
            }
        json_end(&o);
    }
    json_end(&o);
    return json_out_span(&o);
}

int form_check(struct call *c)
{
    struct refusal *r = c->refusal;

    if (r->wrong_n == 0)
        return 0;
    r->text = r->wrong[0].sentence;
    r->field = r->wrong[0].field;
    r->errors = errors_json(c->arena, r);
    while (r->errors.n > ERRORS_MAX) { /* fewer, but whole sentences */
        r->wrong_n--;
        r->errors = errors_json(c->arena, r);
    }
    return ERR_INVALID;
}

int call_refused(struct call *c, const struct message *m, const void *body, int err)
{
    const struct reply_refused *r = body;

    if (m != &MESSAGE_reply_refused)
        return err ? err : ERR_BUG;
    c->refusal->text = r->text;
    c->refusal->field = r->field;
    c->refusal->errors = r->errors;
    return r->err ? r->err : ERR_BUG;
}

/* ---- replies
 * -------------------------------------------------------------------------------------------------------- */

int reply(struct call *c, const struct message *m, const void *body)
{
    struct replica *r = c->replica;

    if (!c->message || c->message->kind != MESSAGE_REQUEST || c->message->reply != m->id || c->is_replied) {
        log_error("reply-wrong", "message=%s reply=%s twice=%d", c->message ? c->message->name : "-", m->name,
                  c->is_replied);
        return ERR_BUG;
    }
    r->reply = (struct mail){0};
    TRY(node_pack(r->node, c->arena, &r->reply, m, body));
    r->has_reply = c->is_replied = true;
    return 0;
}

int reply_doc(struct call *c, struct span json)
{
    return reply(c, &MESSAGE_reply_doc, &(struct reply_doc){json});
}

int reply_done(struct call *c)
{
    return reply(c, &MESSAGE_reply_done, &(struct reply_done){0});
}

int reply_created(struct call *c, struct span json, const char *fmt, ...)
{
    struct reply_created body = {.doc = json};
    va_list args;

    va_start(args, fmt);
    body.location = text_vprint(c->arena, LINE_MAX_BYTES, fmt, args);
    va_end(args);
    return reply(c, &MESSAGE_reply_created, &body);
}

int reply_see_other(struct call *c, const char *fmt, ...)
{
    struct reply_see_other body = {0};
    va_list args;

    va_start(args, fmt);
    body.location = text_vprint(c->arena, LINE_MAX_BYTES, fmt, args);
    va_end(args);
    return reply(c, &MESSAGE_reply_see_other, &body);
}

int reply_see_other_noting(struct call *c, const char *note, const char *fmt, ...)
{
    struct reply_see_other body = {.note = span_of(note), .has_note = true};
    va_list args;

    va_start(args, fmt);
    body.location = text_vprint(c->arena, LINE_MAX_BYTES, fmt, args);
    va_end(args);
    return reply(c, &MESSAGE_reply_see_other, &body);
}

int reply_see_other_warning(struct call *c, const char *note, const char *fmt, ...)
{
    struct reply_see_other body = {
        .note = span_of(note), .has_note = true, .is_trouble = true, .has_is_trouble = true};
    va_list args;

    va_start(args, fmt);
    body.location = text_vprint(c->arena, LINE_MAX_BYTES, fmt, args);
    va_end(args);
    return reply(c, &MESSAGE_reply_see_other, &body);
}

/* ---- to others
 * ------------------------------------------------------------------------------------------------------ */

void say(struct call *c, const struct message *m, const void *body)
{
    struct envelope e = {.kind = MESSAGE_EVENT, .trace = c->trace};
    int err;

    MUST(m->kind == MESSAGE_EVENT);
    MUST(!c->db || !db_is_in_transaction(c->db));
    c->replica->has_spoken = true;
    err = node_send(c->replica->node, c->arena, &e, m, body, true);
    if (err)
        log_error("event-lost", "message=%s err=%s", m->name, err_name(err));
}

int ask_later(struct call *c, const struct message *m, const void *body, uint32_t wait_ms, uint64_t tag)
{
    struct envelope e = {.kind = MESSAGE_REQUEST, .trace = c->trace, .id = tag | ASKED_LATER};

    MUST(m->kind == MESSAGE_REQUEST && !(tag & ASKED_LATER) && c->replica->def->answered);
    MUST(!c->db || !db_is_in_transaction(c->db));
    c->replica->has_spoken = true;
    e.deadline_ms = clock_mono_ms() + (wait_ms ? wait_ms : m->wait_ms);
    return node_send(c->replica->node, c->arena, &e, m, body, true);
}

int ask(struct call *c, const struct message *m, const void *body, uint32_t wait_ms, const void **out)
{
    struct replica *r = c->replica;
    struct envelope e = {.kind = MESSAGE_REQUEST, .trace = c->trace, .id = ++r->ask_id};
    const struct message *found;
    struct mail mail;
    int err;

    MUST(m->kind == MESSAGE_REQUEST);
    MUST(!c->db || !db_is_in_transaction(c->db));
    r->has_spoken = true;
    e.deadline_ms = clock_mono_ms() + (wait_ms ? wait_ms : m->wait_ms);
    TRY(node_send(r->node, c->arena, &e, m, body, true));
    TRY(node_take_reply(r->node, c->arena, e.id, e.deadline_ms, &mail));
    found = message_by_id(mail.envelope.message);
    if (!found)
        return ERR_UNSUPPORTED;
    err = node_unpack(r->node, c->arena, &mail, found, out);
    if (!err && found->id != m->reply)
        err = call_refused(c, found, *out, mail.envelope.err);
    return err;
}
