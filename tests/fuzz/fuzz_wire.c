/* fuzz_wire: bytes as a message body, as an envelope, and as text and JSON for each field. Input: one byte
 * that picks the message, then the bytes. What is read must keep its bounds, and be the same after packing
 * and reading it again. */
#include <stdlib.h>

#include "json_reader.h"
#include "log.h"
#include "messages.h"
#include "wire.h"

static bool is_same(struct span a, struct span b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static void body_try(struct arena *a, const struct message *m, struct span bytes)
{
    void *body = arena_get(a, m->size), *again = arena_get(a, m->size);
    struct span packed, packed_again;

    if (wire_unpack(a, m, bytes, body, NULL))
        return;
    MUST(wire_check(m, body, NULL) == 0);
    MUST(wire_pack(a, m, body, &packed, NULL) == 0);
    MUST(packed.n <= wire_size_max(m));
    MUST(wire_unpack(a, m, packed, again, NULL) == 0);
    MUST(wire_pack(a, m, again, &packed_again, NULL) == 0);
    MUST(is_same(packed, packed_again));
    MUST(is_same(wire_json(a, m, body, true), wire_json(a, m, again, true)));
    MUST(json_valid(wire_json(a, m, body, false), NULL, NULL) == 0);
}

static void fields_try(struct arena *a, const struct message *m, struct span text)
{
    for (size_t i = 0; i < m->field_n; i++) {
        void *body = arena_get(a, m->size);
        const char *why = NULL;
        if (wire_field_from_text(a, &m->field[i], text, body, &why))
            MUST(why && *why);
        else
            MUST(wire_check(&(struct message){.field = &m->field[i], .field_n = 1}, body, NULL) == 0 ||
                 (m->field[i].type == FIELD_JSON && text.n == 0));
        if (wire_field_from_json(a, &m->field[i], text, body, &why))
            MUST(why && *why);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new();
    size_t which = n ? data[0] % (messages_n + 1) : 0;
    struct span bytes = {(const char *)data + (n ? 1 : 0), n ? n - 1 : 0};
    const struct message *m = which < messages_n ? messages[which] : &WIRE_ENVELOPE;

    body_try(a, m, bytes);
    if (n < 4096)
        fields_try(a, m, bytes);
    arena_free(&a);
    return 0;
}
