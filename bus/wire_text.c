/* wire_text: messages as JSON for people and other systems, and fields from text or JSON that they gave. */
#include <inttypes.h>

#include "clock.h"
#include "crypt.h"
#include "errors.h"
#include "json.h"
#include "json_reader.h"
#include "log.h"
#include "utf8.h"
#include "wire.h"

/* ---- out
 * ------------------------------------------------------------------------------------------------------------
 */

static void span_json(struct arena *a, struct json_out *o, enum field_type type, struct span s)
{
    if (type == FIELD_BIN) {
        char *hex = arena_get(a, 2 * s.n + 1);
        s = (struct span){hex, crypt_hex(s, hex, 2 * s.n + 1)};
    }
    if (type == FIELD_JSON && !json_valid(s, NULL, NULL))
        json_add_raw(o, s);
    else
        json_add_string(o, s);
}

static void value_json(struct arena *a, struct json_out *o, enum field_type type, const void *at)
{
    char text[64];

    switch (type) {
    case FIELD_U8:
        json_add_u64(o, *(const uint8_t *)at);
        return;
    case FIELD_U16:
        json_add_u64(o, *(const uint16_t *)at);
        return;
    case FIELD_U32:
        json_add_u64(o, *(const uint32_t *)at);
        return;
    case FIELD_U64:
        json_add_u64(o, *(const uint64_t *)at);
        return;
    case FIELD_I64:
        json_add_i64(o, *(const int64_t *)at);
        return;
    case FIELD_BOOL:
        json_add_bool(o, *(const bool *)at);
        return;
    case FIELD_TIME:
        json_add_string(o, (struct span){text, clock_rfc3339(*(const int64_t *)at, text)});
        return;
    case FIELD_UUID:
        uuid_text(at, text);
        json_add_string(o, span_of(text));
        return;
    case FIELD_STR:
    case FIELD_BIN:
    case FIELD_JSON:
        span_json(a, o, type, *(const struct span *)at);
        return;
    case FIELD_LIST:
        break;
    }
    MUST(type != FIELD_LIST); /* no list of lists */
}

struct span wire_json(struct arena *a, const struct message *m, const void *body, bool is_masked)
{
    struct json_out o;

    json_out_init(&o, a);
    json_object(&o);
    for (size_t i = 0; i < m->field_n; i++) {
        const struct field *f = &m->field[i];
        const struct list *list = field_at(f, body);
        if (!field_is_there(f, body))
            continue;
        json_key(&o, span_of(f->name));
        if (f->is_private && is_masked) {
            json_add_string(&o, SPAN("…"));
        } else if (f->type != FIELD_LIST) {
            value_json(a, &o, f->type, list);
        } else {
            json_array(&o);
            for (size_t k = 0; k < list->n; k++)
                value_json(a, &o, f->item, (const char *)list->items + k * wire_value_size(f->item));
            json_end(&o);
        }
    }
    json_end(&o);
    return json_out_span(&o);
}

/* ---- in
 * -------------------------------------------------------------------------------------------------------------
 */

static int no(const char **why, const char *sentence)
{
    *why = sentence;
    return ERR_INVALID;
}

static int digits_read(struct span text, uint64_t *v)
{
    *v = 0;
    if (text.n == 0)
        return ERR_MALFORMED;
    for (size_t i = 0; i < text.n; i++) {
        uint64_t digit = (uint64_t)text.p[i] - '0';
        if (text.p[i] < '0' || text.p[i] > '9')
            return ERR_MALFORMED;
        if (*v > (UINT64_MAX - digit) / 10)
            return ERR_TOOBIG;
        *v = *v * 10 + digit;
    }
    return 0;
}

static int number_from_text(struct arena *a, enum field_type type, uint64_t max, struct span text, void *at,
                            const char **why)
{
    bool is_negative = type == FIELD_I64 && text.n && text.p[0] == '-';
    uint64_t v;
    int err;

    if (is_negative)
        text = (struct span){text.p + 1, text.n - 1};
    err = digits_read(text, &v);
    if (err == ERR_MALFORMED)
        return no(why, "Please give a whole number.");
    if (err || v > max) {
        if (is_negative)
            return no(why, arena_print(a, "Please give a number not below -%" PRIu64 ".", max).p);
        return no(why, arena_print(a, "Please give a number up to %" PRIu64 ".", max).p);
    }
    if (type == FIELD_U8)
        *(uint8_t *)at = (uint8_t)v;
    else if (type == FIELD_U16)
        *(uint16_t *)at = (uint16_t)v;
    else if (type == FIELD_U32)
        *(uint32_t *)at = (uint32_t)v;
    else if (type == FIELD_U64)
        *(uint64_t *)at = v;
    else
        *(int64_t *)at = is_negative ? -(int64_t)v : (int64_t)v; /* max of an i64 is at most INT64_MAX */
    return 0;
}

static int bool_from_text(struct span text, bool *out, const char **why)
{
    static const char *const words[2][4] = {{"false", "0", "off", "no"}, {"true", "1", "on", "yes"}};

    for (size_t i = 0; i < 8; i++)
        if (span_is(text, words[i / 4][i % 4])) {
            *out = i >= 4;
            return 0;
        }
    return no(why, "Please say true or false.");
}

static int json_from_text(struct arena *a, struct span text, const char **why)
{
    struct json_limits limits = {.refuse_nul = true};
    struct json_error error;

    if (!json_valid(text, &limits, &error))
        return 0;
    return no(why, arena_print(a, "Line %" PRIu32 ", column %" PRIu32 ": %s.", error.place.line,
                               error.place.column, json_why_text(error.why))
                       .p);
}

static int bin_from_text(struct arena *a, struct span text, struct span *out, const char **why)
{
    uint8_t *bytes = arena_get(a, text.n / 2 + 1);
    size_t n;

    if (crypt_hex_read(text, bytes, text.n / 2 + 1, &n))
        return no(why, "Please give pairs of hexadecimal digits.");
    *out = (struct span){(const char *)bytes, n};
    return 0;
}

static int sized_from_text(struct arena *a, enum field_type type, uint64_t max, struct span text,
                           struct span *out, const char **why)
{
    int err = 0;

    if ((type == FIELD_BIN ? text.n / 2 : text.n) > max)
        return no(why, arena_print(a, "This is too long: at most %" PRIu64 " bytes fit.", max).p);
    *out = text.p ? text : SPAN("");
    if (type == FIELD_BIN)
        err = bin_from_text(a, text, out, why);
    else if (type == FIELD_JSON)
        err = json_from_text(a, text, why);
    else if (!utf8_is_text(text))
        err = no(why, "This holds characters that are no valid UTF-8 text.");
    return err;
}

static int value_from_text(struct arena *a, enum field_type type, uint64_t max, struct span text, void *at,
                           const char **why)
{
    switch (type) {
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
    case FIELD_I64:
        return number_from_text(a, type, max, text, at, why);
    case FIELD_BOOL:
        return bool_from_text(text, at, why);
    case FIELD_STR:
    case FIELD_BIN:
    case FIELD_JSON:
        return sized_from_text(a, type, max, text, at, why);
    case FIELD_UUID:
        return uuid_read(text, at) ? no(why, "This is no valid id.") : 0;
    case FIELD_TIME:
        return clock_parse(text, at)
                   ? no(why, "Please give a date like 2026-11-24 or a time like 2026-11-24T17:05:00Z.")
                   : 0;
    case FIELD_LIST:
        break;
    }
    return no(why, "A list cannot stand inside a list.");
}

int wire_list_add(struct arena *a, const struct field *f, struct span text, void *body, const char **why)
{
    struct list *list = (struct list *)(void *)((char *)body + f->offset);
    size_t size = wire_value_size(f->item), n = list->n;
    char *items = (char *)(uintptr_t)list->items;

    MUST(f->type == FIELD_LIST);
    if (n == f->list_max)
        return no(why, arena_print(a, "Please give at most %zu of these.", f->list_max).p);
    if ((n & (n - 1)) == 0) { /* 0, 1, 2, 4, 8 …: full */
        items = arena_get(a, size * (n ? 2 * n : 1));
        if (n)
            memcpy(items, list->items, n * size);
        list->items = items;
    }
    TRY(value_from_text(a, f->item, f->max, text, items + n * size, why));
    list->n++;
    field_set_there(f, body, true);
    return 0;
}

int wire_field_from_text(struct arena *a, const struct field *f, struct span text, void *body,
                         const char **why)
{
    size_t start = 0;

    if (f->type != FIELD_LIST) {
        TRY(value_from_text(a, f->type, f->max, text, (char *)body + f->offset, why));
        field_set_there(f, body, true);
        return 0;
    }
    *(struct list *)(void *)((char *)body + f->offset) = (struct list){0};
    field_set_there(f, body, true);
    for (size_t i = 0; i <= text.n && text.n; i++)
        if (i == text.n || text.p[i] == ',') {
            TRY(wire_list_add(a, f, (struct span){text.p + start, i - start}, body, why));
            start = i + 1;
        }
    return 0;
}

/* ---- in, from JSON
 * -------------------------------------------------------------------------------------------------- */

/* What a JSON scalar says as text, when a value of this type may be written so. */
static int scalar_text(struct arena *a, enum field_type type, const struct json_token *t, struct span *text,
                       const char **why)
{
    bool is_number = type <= FIELD_I64;
    char *plain;

    *text = t->text;
    if (t->type == JSON_TOKEN_STRING) {
        if (!t->has_escapes)
            return 0;
        plain = arena_get(a, t->text.n + 1);
        text->p = plain;
        return json_string_unescape(t->text, plain, t->text.n, &text->n);
    }
    if (t->type == JSON_TOKEN_NUMBER && is_number)
        return 0;
    if ((t->type == JSON_TOKEN_TRUE || t->type == JSON_TOKEN_FALSE) && type == FIELD_BOOL)
        return 0;
    if (t->type == JSON_TOKEN_NULL)
        return no(why, "Please give a value.");
    if (is_number)
        return no(why, "Please give a whole number.");
    return no(why, type == FIELD_BOOL ? "Please say true or false." : "Please give text in quotes.");
}

static int list_from_json(struct arena *a, const struct field *f, struct json_reader *r, void *body,
                          const char **why)
{
    struct json_token t;
    struct span text;

    *(struct list *)(void *)((char *)body + f->offset) = (struct list){0};
    field_set_there(f, body, true);
    for (;;) {
        if (json_reader_next(r, &t))
            return no(why, json_why_text(r->why));
        if (t.type == JSON_TOKEN_ARRAY_END)
            return 0;
        TRY(scalar_text(a, f->item, &t, &text, why));
        TRY(wire_list_add(a, f, text, body, why));
    }
}

int wire_field_from_json(struct arena *a, const struct field *f, struct span value, void *body,
                         const char **why)
{
    struct json_limits limits = {.refuse_nul = true};
    struct json_reader r;
    struct json_token t;
    struct span text;

    if (f->type == FIELD_JSON)
        return wire_field_from_text(a, f, value, body, why);
    json_reader_init(&r, value, &limits);
    if (json_reader_next(&r, &t))
        return no(why, json_why_text(r.why));
    if (t.type == JSON_TOKEN_NULL && f->is_optional) {
        field_set_there(f, body, false);
        return 0;
    }
    if (f->type == FIELD_LIST) {
        if (t.type != JSON_TOKEN_ARRAY_BEGIN)
            return no(why, "Please give a list in square brackets.");
        TRY(list_from_json(a, f, &r, body, why));
    } else {
        TRY(scalar_text(a, f->type, &t, &text, why));
        TRY(wire_field_from_text(a, f, text, body, why));
    }
    return json_reader_next(&r, &t) || t.type != JSON_TOKEN_END ? no(why, json_why_text(JSON_TRAILING)) : 0;
}
