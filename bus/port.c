/* port: asking without waiting. Deadlines are kept here too, so every ask has an ending even when the hub is
 * gone. */
#include <stdio.h>
#include <stdlib.h>

#include "house.h"

#define ASKS_MAX 1024u

struct asked {
    const struct message *message; /* NULL: free */
    uint64_t tag;
    int64_t deadline_ms;
    uint32_t generation;
    uint16_t next; /* free list: place + 1 */
};

struct port {
    struct bus *bus; /* NULL: another process's house */
    struct node *node;
    struct arena *arena; /* for packing */
    char spool_dir[PATH_BYTES];
    struct asked asked[ASKS_MAX];
    uint16_t free;
    int64_t next_deadline_ms;
    size_t open;
};

/* ---- opening
 * -------------------------------------------------------------------------------------------------------- */

static int outside_open(struct port *p, const char *run_dir, const char *name)
{
    char endpoint[PATH_BYTES + 64];
    struct node_options options = {.endpoint = endpoint, .spool_dir = p->spool_dir};

    if (!run_dir || !house_is_there(run_dir, name))
        return ERR_AWAY;
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/%s.ipc", run_dir, name);
    (void)snprintf(p->spool_dir, sizeof p->spool_dir, "%s/spool", run_dir);
    return node_open(&p->node, &options);
}

int port_open(struct port **p, struct bus *b, const char *run_dir, const char *name)
{
    struct port *made = calloc(1, sizeof *made);
    int err;

    MUST(made && "memory");
    made->arena = arena_new();
    made->next_deadline_ms = INT64_MAX;
    for (uint16_t i = ASKS_MAX; i > 0; i--) {
        made->asked[i - 1].next = made->free;
        made->free = i;
    }
    err = b ? bus_node_open(b, name, &made->node) : outside_open(made, run_dir, name);
    if (err) {
        arena_free(&made->arena);
        free(made);
        return err;
    }
    made->bus = b;
    if (b)
        (void)atomic_fetch_add(&b->ports, 1);
    *p = made;
    return 0;
}

static int hub_tell(struct port *p, const struct message *m, const void *body)
{
    struct envelope e = {.kind = MESSAGE_EVENT};
    int err = node_send(p->node, p->arena, &e, m, body, false);

    arena_reset(p->arena);
    return err;
}

void port_close(struct port **p)
{
    if (!*p)
        return;
    if (hub_tell(*p, &MESSAGE_ctl_bye, &(struct ctl_bye){0}))
        log_debug("port-no-bye", "open=%zu", (*p)->open);
    node_close(&(*p)->node);
    if ((*p)->bus)
        (void)atomic_fetch_sub(&(*p)->bus->ports, 1);
    arena_free(&(*p)->arena);
    free(*p);
    *p = NULL;
}

int port_fd(const struct port *p)
{
    return node_fd(p->node);
}

/* ---- asking
 * ---------------------------------------------------------------------------------------------------------
 */

static uint64_t asked_id(const struct port *p, const struct asked *asked)
{
    return (uint64_t)asked->generation << 16 | (uint64_t)(asked - p->asked + 1);
}

static struct asked *asked_get(struct port *p, uint64_t id)
{
    size_t place = id & 0xffff;

    if (place == 0 || place > ASKS_MAX || !p->asked[place - 1].message ||
        asked_id(p, &p->asked[place - 1]) != id)
        return NULL;
    return &p->asked[place - 1];
}

static struct asked *asked_new(struct port *p, const struct message *m, uint32_t wait_ms, uint64_t tag)
{
    struct asked *asked;

    if (!p->free)
        return NULL;
    asked = &p->asked[p->free - 1];
    p->free = asked->next;
    p->open++;
    asked->message = m;
    asked->tag = tag;
    asked->generation++;
    asked->deadline_ms = clock_mono_ms() + (wait_ms ? wait_ms : m->wait_ms);
    if (asked->deadline_ms < p->next_deadline_ms)
        p->next_deadline_ms = asked->deadline_ms;
    return asked;
}

static void asked_free(struct port *p, struct asked *asked)
{
    asked->message = NULL;
    asked->next = p->free;
    p->free = (uint16_t)(asked - p->asked + 1);
    if (--p->open == 0)
        p->next_deadline_ms = INT64_MAX;
}

static int asked_send(struct port *p, struct asked *asked, const void *body, uint64_t trace)
{
    struct envelope e = {
        .kind = MESSAGE_REQUEST, .id = asked_id(p, asked), .deadline_ms = asked->deadline_ms, .trace = trace};
    int err = node_send(p->node, p->arena, &e, asked->message, body, false);

    arena_reset(p->arena);
    if (err)
        asked_free(p, asked);
    return err;
}

int port_ask(struct port *p, const struct message *m, const void *body, uint32_t wait_ms, uint64_t trace,
             uint64_t tag)
{
    struct asked *asked;

    MUST(m->kind == MESSAGE_REQUEST);
    asked = asked_new(p, m, wait_ms, tag);
    return asked ? asked_send(p, asked, body, trace) : ERR_BUSY;
}

int port_listen(struct port *p, const struct message *event)
{
    MUST(event->kind == MESSAGE_EVENT);
    return hub_tell(p, &MESSAGE_ctl_listen, &(struct ctl_listen){event->id});
}

/* ---- answers
 * -------------------------------------------------------------------------------------------------------- */

int64_t port_deadline_ms(const struct port *p)
{
    return p->next_deadline_ms;
}

static bool late_take(struct port *p, struct answer *out)
{
    int64_t now = clock_mono_ms(), next = INT64_MAX;
    struct asked *late = NULL;

    if (now < p->next_deadline_ms)
        return false;
    for (size_t i = 0; i < ASKS_MAX; i++) {
        struct asked *asked = &p->asked[i];
        if (!asked->message)
            continue;
        if (asked->deadline_ms <= now && !late)
            late = asked;
        else if (asked->deadline_ms < next)
            next = asked->deadline_ms;
    }
    p->next_deadline_ms = next;
    if (!late)
        return false;
    *out = (struct answer){.tag = late->tag, .err = ERR_LATE};
    asked_free(p, late);
    return true;
}

/* The body of a reply or event into *out; a refusal becomes its err and words. */
static void answer_read(struct port *p, struct arena *a, const struct mail *mail,
                        const struct message *wanted, struct answer *out)
{
    const struct message *m = message_by_id(mail->envelope.message);
    const struct reply_refused *refused;
    const void *body = NULL;

    if (!m || (m != wanted && m != &MESSAGE_reply_refused)) {
        node_drop(p->node, mail);
        out->err = ERR_BUG;
        return;
    }
    out->err = node_unpack(p->node, a, mail, m, &body);
    if (out->err)
        return;
    if (m == wanted) {
        out->message = m;
        out->body = body;
        return;
    }
    refused = body;
    out->err = refused->err ? refused->err : ERR_BUG;
    out->text = refused->text;
    out->field = refused->field;
    out->errors = refused->errors;
}

/* False: it was for nobody. */
static bool mail_read(struct port *p, struct arena *a, const struct mail *mail, struct answer *out)
{
    struct asked *asked;

    *out = (struct answer){0};
    if (mail->envelope.kind == MESSAGE_EVENT) {
        const struct message *m = message_by_id(mail->envelope.message);
        if (m == &MESSAGE_ctl_probe || !m)
            return false;
        answer_read(p, a, mail, m, out);
        return !out->err;
    }
    asked = asked_get(p, mail->envelope.id);
    if (mail->envelope.kind != MESSAGE_REPLY || !asked) { /* its deadline was answered already */
        node_drop(p->node, mail);
        return false;
    }
    out->tag = asked->tag;
    answer_read(p, a, mail, message_by_id(asked->message->reply), out);
    asked_free(p, asked);
    return true;
}

bool port_next(struct port *p, struct arena *a, struct answer *out, uint32_t wait_ms)
{
    int64_t until = clock_mono_ms() + wait_ms;
    struct mail mail;

    for (;;) {
        int64_t now, wake;
        while (node_take(p->node, a, &mail))
            if (mail_read(p, a, &mail, out))
                return true;
        if (late_take(p, out))
            return true;
        now = clock_mono_ms();
        if (now >= until)
            return false;
        wake = until < p->next_deadline_ms ? until : p->next_deadline_ms;
        node_wait(p->node, wake - now);
    }
}

int port_call(struct port *p, struct arena *a, const struct message *m, const void *body, uint32_t wait_ms,
              struct answer *out)
{
    struct asked *asked = asked_new(p, m, wait_ms, 0);
    struct mail mail;
    int err;

    *out = (struct answer){.err = ERR_BUSY};
    if (!asked)
        return ERR_BUSY;
    out->err = asked_send(p, asked, body, 0);
    if (out->err)
        return out->err;
    err = node_take_reply(p->node, a, asked_id(p, asked), asked->deadline_ms, &mail);
    if (err)
        out->err = err;
    else
        answer_read(p, a, &mail, message_by_id(m->reply), out);
    asked_free(p, asked);
    return out->err;
}
