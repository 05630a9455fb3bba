/* hub_desk: what the hub answers itself (ctl.*), how it refuses, and the tap. */
#include "clock.h"
#include "errors.h"
#include "hub_private.h"
#include "log.h"

#define TAP_BODY_MAX 65536u

/* ---- answers
 * -------------------------------------------------------------------------------------------------------- */

void desk_reply(struct hub *h, struct peer *asker, const struct envelope *request, const struct message *m,
                const void *body, int err)
{
    struct mail mail = {.envelope = {.kind = MESSAGE_REPLY, .id = request->id, .trace = request->trace}};

    if (mail_pack(&mail, h->arena, m, body, &h->spool, h->options.spool_dir))
        return; /* logged there; the asker's own deadline ends its wait */
    mail.envelope.err = (uint16_t)err;
    mail.envelope.has_err = err != 0;
    desk_tap(h, &(struct tap_line){m, "hub", asker->name, 0, -1}, &mail.envelope, mail.body);
    peer_send(h, asker, &mail.envelope, &(struct load){.bytes = mail.body});
}

void desk_refuse(struct hub *h, struct peer *asker, const struct envelope *request, int err, const char *text)
{
    struct reply_refused refused = {.err = (uint16_t)err, .text = span_of(text), .has_text = text != NULL};

    desk_reply(h, asker, request, &MESSAGE_reply_refused, &refused, err);
}

static void doc_answer(struct hub *h, struct peer *asker, const struct envelope *e)
{
    struct reply_doc doc = {hub_show(h)};

    desk_reply(h, asker, e, &MESSAGE_reply_doc, &doc, 0);
}

static void metrics_answer(struct hub *h, struct peer *asker, const struct envelope *e)
{
    struct reply_text text = {hub_metrics(h), SPAN("text/plain; version=0.0.4; charset=utf-8")};

    desk_reply(h, asker, e, &MESSAGE_reply_text, &text, 0);
}

static int pause_set(struct hub *h, struct span name, bool is_paused)
{
    for (size_t i = 0; i < h->service_n; i++)
        if (span_is(name, h->service[i].name)) {
            h->service[i].is_paused = is_paused;
            log_info(is_paused ? "service-paused" : "service-resumed", "service=%s", h->service[i].name);
            h->service[i].has_news = true;
            return 0;
        }
    return ERR_NOTFOUND;
}

static int tap_set(struct hub *h, uint16_t seconds)
{
    if (!h->tap)
        return ERR_UNSUPPORTED;
    h->tap_until_ms = h->now_ms + seconds * 1000;
    return 0;
}

/* Orders that end with reply.done. */
static int order_follow(struct hub *h, const struct message *m, const void *body)
{
    if (m == &MESSAGE_ctl_tap)
        return tap_set(h, ((const struct ctl_tap *)body)->seconds);
    if (m == &MESSAGE_ctl_pause)
        return pause_set(h, ((const struct ctl_pause *)body)->service, true);
    if (m == &MESSAGE_ctl_resume)
        return pause_set(h, ((const struct ctl_resume *)body)->service, false);
    if (m != &MESSAGE_ctl_log)
        return ERR_UNSUPPORTED;
    log_level_set((enum log_level)((const struct ctl_log *)body)->level);
    return 0;
}

void desk_answer(struct hub *h, struct peer *asker, const struct message *m, const struct envelope *e,
                 struct span bytes)
{
    const struct reply_done done = {0};
    void *body = arena_get(h->arena, m->size);
    int err = wire_unpack(h->arena, m, bytes, body, NULL);

    if (!err && m == &MESSAGE_ctl_show) {
        doc_answer(h, asker, e);
        return;
    }
    if (!err && m == &MESSAGE_ctl_metrics) {
        metrics_answer(h, asker, e);
        return;
    }
    if (!err)
        err = order_follow(h, m, body);
    if (err)
        desk_refuse(h, asker, e, err, NULL);
    else
        desk_reply(h, asker, e, &MESSAGE_reply_done, &done, 0);
}

/* ---- tap
 * ------------------------------------------------------------------------------------------------------------
 */

static const char *kind_name(enum message_kind kind)
{
    switch (kind) {
    case MESSAGE_REQUEST:
        return "request";
    case MESSAGE_REPLY:
        return "reply";
    case MESSAGE_EVENT:
        return "event";
    }
    return "";
}

static void tap_body(struct hub *h, const struct message *m, const struct envelope *e, struct span packed,
                     struct ctl_copy *copy)
{
    void *body = arena_get(h->arena, m->size);

    if (e->has_spool || wire_unpack(h->arena, m, packed, body, NULL))
        return;
    copy->body = wire_json(h->arena, m, body, true);
    copy->has_body = copy->body.n <= TAP_BODY_MAX;
}

void desk_tap(struct hub *h, const struct tap_line *line, const struct envelope *e, struct span body)
{
    struct envelope head = {.version = WIRE_VERSION, .kind = MESSAGE_EVENT, .message = MESSAGE_ctl_copy.id};
    struct ctl_copy copy = {.at = clock_us(),
                            .kind = span_of(kind_name(line->m->kind)),
                            .message = span_of(line->m->name),
                            .from = span_of(line->from),
                            .to = span_of(line->to),
                            .id = line->id,
                            .trace = e->trace,
                            .op = e->op,
                            .has_op = e->has_op,
                            .bytes = e->has_spool ? e->bytes : body.n};
    char head_bytes[WIRE_ENVELOPE_MAX];
    size_t head_n;
    struct load packed = {0};

    if (h->now_ms >= h->tap_until_ms)
        return;
    copy.took_us = (uint64_t)line->took_us;
    copy.has_took_us = line->took_us >= 0;
    tap_body(h, line->m, e, body, &copy);
    if (wire_write(&WIRE_ENVELOPE, &head, head_bytes, sizeof head_bytes, &head_n) ||
        wire_pack(h->arena, &MESSAGE_ctl_copy, &copy, &packed.bytes, NULL) ||
        socket_put(h->tap, (struct span){0}, (struct span){head_bytes, head_n}, &packed))
        h->tap_dropped++;
}
