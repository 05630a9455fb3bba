/* db_value: values to and from PostgreSQL's binary formats (src/backend/utils/adt, *_send and *_recv).
 *
 * Integers are big-endian; a timestamptz counts microseconds and a date days from 2000-01-01; jsonb is a
 * version byte and text; an array is a head, then length and bytes of each item. Everything else travels as
 * text. */
#include "db_private.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "clock.h"
#include "errors.h"
#include "log.h"
#include "wire.h"

#define PARAMETER_MAX (1u << 30) /* what PostgreSQL takes as one value */

static void put(char *out, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (char)(uint8_t)(v >> (8 * (bytes - 1 - i)));
}

static int64_t floor_div(int64_t v, int64_t by)
{
    return v / by - (v % by < 0);
}

/* ---- values of a message ---------------------------------------------------------------------------------
 */

/* at points at a value of C type t: a field, or an item of a list. */
static int value_at(enum field_type t, const void *at, struct db_value *v)
{
    uint64_t u = 0;

    switch (t) {
    case FIELD_U8:
        u = *(const uint8_t *)at;
        break;
    case FIELD_U16:
        u = *(const uint16_t *)at;
        break;
    case FIELD_U32:
        u = *(const uint32_t *)at;
        break;
    case FIELD_U64:
        u = *(const uint64_t *)at;
        break;
    case FIELD_I64:
        *v = (struct db_value){.kind = DB_I64, .u.i64 = *(const int64_t *)at};
        return 0;
    case FIELD_TIME:
        *v = (struct db_value){.kind = DB_TIME, .u.i64 = *(const int64_t *)at};
        return 0;
    case FIELD_BOOL:
        *v = (struct db_value){.kind = DB_BOOL, .u.truth = *(const bool *)at};
        return 0;
    case FIELD_STR:
    case FIELD_JSON:
        *v = (struct db_value){.kind = DB_TEXT, .u.text = *(const struct span *)at};
        return 0;
    case FIELD_BIN:
        *v = (struct db_value){.kind = DB_BYTES, .u.text = *(const struct span *)at};
        return 0;
    case FIELD_UUID:
        *v = (struct db_value){.kind = DB_UUID, .u.uuid = *(const struct uuid *)at};
        return 0;
    case FIELD_LIST:
        must_fail("a list of lists has no descriptor", __FILE__, __LINE__);
    }
    *v = (struct db_value){.kind = DB_I64, .u.i64 = (int64_t)u};
    return u > INT64_MAX ? ERR_INVALID : 0;
}

int db_value_of_field(const struct field *f, const void *body, struct db_value *v)
{
    const char *base = body;

    if (f->is_optional && !*(const bool *)(base + f->has_offset)) {
        *v = (struct db_value){.kind = DB_NULL};
        return 0;
    }
    if (f->type == FIELD_LIST) {
        *v = (struct db_value){
            .kind = DB_LIST, .item = f->item, .u.list = *(const struct list *)(base + f->offset)};
        return 0;
    }
    int err = value_at(f->type, base + f->offset, v);

    /* A field that is there and empty is the empty text; {NULL, 0} is NULL only for db_bind_text. */
    if (!err && (v->kind == DB_TEXT || v->kind == DB_BYTES) && !v->u.text.p)
        v->u.text.p = "";
    return err;
}

/* ---- into the wire ---------------------------------------------------------------------------------------
 */

void db_uuid_print(const struct uuid *u, char out[37])
{
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;

    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[n++] = '-';
        out[n++] = hex[u->b[i] >> 4];
        out[n++] = hex[u->b[i] & 15];
    }
    out[n] = 0;
}

static int binary(struct db_parameter *out, const char *p, size_t n)
{
    *out = (struct db_parameter){p, (int)n, 1};
    return 0;
}

/* As text, for the server to read: it knows more types than we do. */
static int as_text(struct arena *a, struct span text, struct db_parameter *out)
{
    if (memchr(text.p, 0, text.n))
        return ERR_INVALID;
    *out = (struct db_parameter){arena_copy(a, text).p, (int)text.n, 0};
    return 0;
}

static int encode_text(struct arena *a, uint32_t oid, struct span text, struct db_parameter *out)
{
    if (!text.p)
        text.p = "";
    if (text.n >= PARAMETER_MAX)
        return ERR_TOOBIG;
    if (oid == OID_TEXT || oid == OID_JSON || oid == OID_BYTEA)
        return binary(out, text.p, text.n);
    if (oid == OID_JSONB) {
        char *p = arena_get(a, text.n + 1);

        p[0] = 1;
        memcpy(p + 1, text.p, text.n);
        return binary(out, p, text.n + 1);
    }
    return as_text(a, text, out);
}

static int encode_i64(struct arena *a, uint32_t oid, int64_t v, struct db_parameter *out)
{
    size_t bytes = oid == OID_INT8 ? 8 : oid == OID_INT4 ? 4 : oid == OID_INT2 ? 2 : 0;

    if (!bytes)
        return encode_text(a, oid, arena_print(a, "%" PRId64, v), out);
    if ((bytes == 4 && (v < INT32_MIN || v > INT32_MAX)) || (bytes == 2 && (v < INT16_MIN || v > INT16_MAX)))
        return ERR_INVALID;
    char *p = arena_get(a, bytes);

    put(p, (uint64_t)v, bytes);
    return binary(out, p, bytes);
}

static int encode_time(struct arena *a, uint32_t oid, int64_t us, struct db_parameter *out)
{
    char *p = arena_get(a, 32);

    if (oid == OID_TIMESTAMPTZ) {
        if (us < INT64_MIN + DB_EPOCH_US)
            return ERR_INVALID;
        put(p, (uint64_t)(us - DB_EPOCH_US), 8);
        return binary(out, p, 8);
    }
    if (oid == OID_DATE) { /* the UTC date */
        put(p, (uint64_t)(floor_div(us, DB_DAY_US) - DB_EPOCH_DAYS), 4);
        return binary(out, p, 4);
    }
    return encode_text(a, oid, (struct span){p, clock_rfc3339(us, p)}, out);
}

static int encode_uuid(struct arena *a, uint32_t oid, const struct uuid *u, struct db_parameter *out)
{
    char *p = arena_get(a, 37);

    if (oid == OID_UUID) {
        memcpy(p, u->b, 16);
        return binary(out, p, 16);
    }
    db_uuid_print(u, p);
    return encode_text(a, oid, (struct span){p, 36}, out);
}

static int encode_one(struct arena *a, uint32_t oid, const struct db_value *v, struct db_parameter *out)
{
    char *p;

    switch (v->kind) {
    case DB_NULL:
        *out = (struct db_parameter){NULL, 0, 1};
        return 0;
    case DB_TEXT:
        return encode_text(a, oid, v->u.text, out);
    case DB_I64:
        return encode_i64(a, oid, v->u.i64, out);
    case DB_BOOL:
        if (oid != OID_BOOL)
            return encode_text(a, oid, v->u.truth ? SPAN("true") : SPAN("false"), out);
        p = arena_get(a, 1);
        p[0] = v->u.truth;
        return binary(out, p, 1);
    case DB_UUID:
        return encode_uuid(a, oid, &v->u.uuid, out);
    case DB_BYTES:
        MUST(oid == OID_BYTEA); /* bytes are not text: the statement says bytea */
        return v->u.text.n < PARAMETER_MAX ? binary(out, v->u.text.p, v->u.text.n) : ERR_TOOBIG;
    case DB_TIME:
        return encode_time(a, oid, v->u.i64, out);
    case DB_LIST:
        break;
    }
    must_fail("a list of lists", __FILE__, __LINE__);
    return ERR_BUG;
}

static uint32_t oid_of_item(uint32_t oid)
{
    static const uint32_t table[][2] = {{OID_TEXT_LIST, OID_TEXT},
                                        {OID_INT8_LIST, OID_INT8},
                                        {OID_INT4_LIST, OID_INT4},
                                        {OID_UUID_LIST, OID_UUID},
                                        {OID_DATE_LIST, OID_DATE}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i][0] == oid)
            return table[i][1];
    return 0;
}

/* "YYYY-MM-DD" to days from 2000-01-01: a list item cannot be left to the server, all items share one format.
 */
static int date_of_text(struct span text, int64_t *us)
{
    if (text.n != 10)
        return ERR_INVALID;
    return clock_parse(text, us) ? ERR_INVALID : 0;
}

static int uuid_of_text(struct span text, struct uuid *u)
{
    size_t digits = 0;

    *u = (struct uuid){{0}};
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        int v = c >= '0' && c <= '9'                 ? c - '0'
                : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                     : -1;

        if (c == '-')
            continue;
        if (v < 0 || digits == 32)
            return ERR_INVALID;
        u->b[digits / 2] = (uint8_t)(u->b[digits / 2] << 4 | v);
        digits++;
    }
    return digits == 32 ? 0 : ERR_INVALID;
}

static int encode_item(struct arena *a, uint32_t oid, enum field_type t, const char *at,
                       struct db_parameter *out)
{
    struct db_value v;
    int err = value_at(t, at, &v);

    if (!err && v.kind == DB_TEXT && oid == OID_DATE) {
        v.kind = DB_TIME;
        err = date_of_text(*(const struct span *)(const void *)at, &v.u.i64);
    } else if (!err && v.kind == DB_TEXT && oid == OID_UUID) {
        v.kind = DB_UUID;
        err = uuid_of_text(*(const struct span *)(const void *)at, &v.u.uuid);
    }
    if (err)
        return err;
    err = encode_one(a, oid, &v, out);
    MUST(err || out->format == 1); /* for example text into bigint[]: the statement or the message is wrong */
    return err;
}

static int encode_list(struct arena *a, uint32_t oid, const struct db_value *v, struct db_parameter *out)
{
    uint32_t item = oid_of_item(oid);
    struct text bytes = {0};
    char head[20];
    size_t n = v->u.list.n, step = wire_value_size(v->item);

    MUST(item && n <= INT32_MAX);
    put(head, n ? 1 : 0, 4); /* dimensions */
    put(head + 4, 0, 4);     /* no NULL inside */
    put(head + 8, item, 4);
    put(head + 12, n, 4);
    put(head + 16, 1, 4); /* lower bound */
    text_add(a, &bytes, (struct span){head, n ? 20 : 12});
    for (size_t i = 0; i < n; i++) {
        struct db_parameter one;
        char length[4];
        int err = encode_item(a, item, v->item, (const char *)v->u.list.items + i * step, &one);

        if (err)
            return err;
        put(length, (uint64_t)one.n, 4);
        text_add(a, &bytes, (struct span){length, 4});
        text_add(a, &bytes, (struct span){one.p, (size_t)one.n});
        if (bytes.n >= PARAMETER_MAX)
            return ERR_TOOBIG;
    }
    return binary(out, bytes.p, bytes.n);
}

int db_encode(struct arena *a, uint32_t oid, const struct db_value *v, struct db_parameter *out)
{
    return v->kind == DB_LIST ? encode_list(a, oid, v, out) : encode_one(a, oid, v, out);
}
