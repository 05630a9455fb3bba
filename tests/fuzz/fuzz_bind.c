/* fuzz_bind: forms, JSON and JSON:API documents into every message that a gateway may ask. First byte: the
 * message; second: the kind of body. Documents are also written as their signature wants them. What is bound
 * keeps the bounds of its table, and nobody sets a field that is the gateway's own. */
#include <stdlib.h>

#include "bind.h"
#include "crypt.h"
#include "errors.h"
#include "json.h"
#include "json_reader.h"
#include "log.h"
#include "messages.h"
#include "signature.h"
#include "wire.h"

static const struct message *message_of(uint8_t which)
{
    size_t seen = 0;

    for (size_t i = 0; i < 2 * messages_n; i++) {
        const struct message *m = messages[i % messages_n];
        if (m->kind == MESSAGE_REQUEST && seen++ == which)
            return m;
    }
    return messages[which % messages_n];
}

static int body_bind(struct bind *b, uint8_t kind, struct span text)
{
    struct form f = {0};
    struct span signed_text;
    struct capture c = {b->m->field_n ? span_of(b->m->field[0].name) : SPAN("x"), text};

    switch (kind % 5) {
    case 0:
    case 1:
        TRY(form_urlencoded(b->arena, text, &f));
        bind_form(b, &f, kind % 5 == 0);
        return 0;
    case 2:
        return bind_json(b, text);
    case 3:
        if (!signature_text(b->arena, text, &signed_text)) /* anybody may send a video notice */
            MUST(signed_text.n >= 2 && signed_text.p[0] == '{');
        return bind_jsonapi(b, text, SPAN("items"), kind & 8 ? SPAN("1") : (struct span){NULL, 0});
    default:
        return bind_path(b, &c, 1);
    }
}

static void own_fields_hold(const struct bind *b)
{
    const struct field *viewer = message_field(b->m, SPAN("viewer")),
                       *session = message_field(b->m, SPAN("session"));

    if (viewer && viewer->type == FIELD_U64)
        MUST(*(const uint64_t *)field_at(viewer, b->body) == 7);
    if (session)
        MUST(!field_is_there(session, b->body) || ((const struct span *)field_at(session, b->body))->n == 0);
}

/* What an answer goes through says the same at the end. */
static void shapes_hold(struct arena *a, struct span text)
{
    struct span compact;

    if (json_valid(text, NULL, NULL))
        return;
    compact = json_compact(a, text);
    MUST(span_same(json_compact(a, json_indent(a, compact, 2)), compact));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new();
    struct bind b;
    const struct field *bad = NULL;
    const struct message *m = message_of(n ? data[0] : 0);
    uint8_t kind = n > 1 ? data[1] : 0;
    struct span text = {(const char *)data + (n > 1 ? 2 : n), n > 1 ? n - 2 : 0};
    int err;

    crypt_init();
    bind_init(&b, a, m);
    if (message_field(m, SPAN("viewer")))
        bind_own_number(&b, "viewer", 7);
    shapes_hold(a, text);
    err = body_bind(&b, kind, text);
    own_fields_hold(&b);
    MUST(b.error_n <= BIND_ERRORS_MAX);
    MUST(json_valid(bind_errors_json(&b), NULL, NULL) == 0);
    if (!err && bind_finish(&b, kind % 5 == 0) == 0)
        MUST(wire_check(m, b.body, &bad) == 0);
    arena_free(&a);
    return 0;
}
