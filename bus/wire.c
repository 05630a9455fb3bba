/* wire: see the header. */
#include "wire.h"

#include <msgpack.h>

#include "errors.h"
#include "log.h"
#include "utf8.h"

#define NUMBER_MAX 127u         /* of a field */
#define ELEMENTS_SPARE 4096u    /* values in fields that we do not know */
#define UNKNOWN_BYTES_MAX 4096u /* bytes in fields that we do not know */

#define AT(member) offsetof(struct envelope, member)
static const struct field envelope_fields[] = {
    {"version", 1, FIELD_U8, FIELD_U8, false, false, 255, 0, AT(version), 0, "1", "of the envelope"},
    {"kind", 2, FIELD_U8, FIELD_U8, false, false, 2, 0, AT(kind), 0, "0", "request, reply, event"},
    {"message", 3, FIELD_U16, FIELD_U8, false, false, 65535, 0, AT(message), 0, "1", "id"},
    {"id", 4, FIELD_U64, FIELD_U8, false, false, UINT64_MAX, 0, AT(id), 0, "7",
     "ties a reply to its request"},
    {"deadline", 5, FIELD_I64, FIELD_U8, false, false, INT64_MAX, 0, AT(deadline_ms), 0, "0",
     "when nobody waits any more"},
    {"trace", 6, FIELD_U64, FIELD_U8, false, false, UINT64_MAX, 0, AT(trace), 0, "9", "ties all together"},
    {"from", 7, FIELD_STR, FIELD_U8, true, false, 40, 0, AT(from), AT(has_from), "gateway", "who asks"},
    {"op", 8, FIELD_UUID, FIELD_U8, true, false, 16, 0, AT(op), AT(has_op),
     "0d3f0000-0000-4000-8000-000000000001", "operation"},
    {"spool", 9, FIELD_UUID, FIELD_U8, true, false, 16, 0, AT(spool), AT(has_spool),
     "0d3f0000-0000-4000-8000-000000000001", "where the body lies"},
    {"bytes", 10, FIELD_U64, FIELD_U8, true, false, UINT64_MAX, 0, AT(bytes), AT(has_bytes), "70000",
     "its size"},
    {"sha256", 11, FIELD_BIN, FIELD_U8, true, false, 32, 0, AT(sha256), AT(has_sha256), "00ff", "its digest"},
    {"took", 12, FIELD_U64, FIELD_U8, true, false, UINT64_MAX, 0, AT(took_us), AT(has_took_us), "840",
     "microseconds in the handler"},
    {"err", 13, FIELD_U16, FIELD_U8, true, false, 999, 0, AT(err), AT(has_err), "5", "of a refusal"},
};
static const char *const anybody[] = {"*", NULL};
const struct message WIRE_ENVELOPE = {"wire.envelope",
                                      0,
                                      MESSAGE_EVENT,
                                      anybody,
                                      NULL,
                                      0,
                                      0,
                                      sizeof(struct envelope),
                                      envelope_fields,
                                      sizeof envelope_fields / sizeof envelope_fields[0],
                                      "What the bus needs to know about a body."};

size_t wire_value_size(enum field_type type)
{
    switch (type) {
    case FIELD_U8:
        return sizeof(uint8_t);
    case FIELD_U16:
        return sizeof(uint16_t);
    case FIELD_U32:
        return sizeof(uint32_t);
    case FIELD_U64:
        return sizeof(uint64_t);
    case FIELD_I64:
    case FIELD_TIME:
        return sizeof(int64_t);
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_STR:
    case FIELD_BIN:
    case FIELD_JSON:
        return sizeof(struct span);
    case FIELD_UUID:
        return sizeof(struct uuid);
    case FIELD_LIST:
        return sizeof(struct list);
    }
    return 0;
}

/* ---- bounds
 * ---------------------------------------------------------------------------------------------------------
 */

static int number_check(uint64_t value, uint64_t max)
{
    return value <= max ? 0 : ERR_TOOBIG;
}

static int span_check(enum field_type type, struct span s, uint64_t max)
{
    if (s.n > max)
        return ERR_TOOBIG;
    if (type == FIELD_JSON && s.n == 0)
        return ERR_MALFORMED;
    return type == FIELD_BIN || utf8_is_text(s) ? 0 : ERR_MALFORMED;
}

/* One value that is no list. */
static int value_check(enum field_type type, const void *at, uint64_t max)
{
    switch (type) {
    case FIELD_U8:
        return number_check(*(const uint8_t *)at, max);
    case FIELD_U16:
        return number_check(*(const uint16_t *)at, max);
    case FIELD_U32:
        return number_check(*(const uint32_t *)at, max);
    case FIELD_U64:
        return number_check(*(const uint64_t *)at, max);
    case FIELD_I64:
    case FIELD_TIME: {
        int64_t v = *(const int64_t *)at;
        return number_check(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, max);
    }
    case FIELD_STR:
    case FIELD_BIN:
    case FIELD_JSON:
        return span_check(type, *(const struct span *)at, max);
    case FIELD_BOOL:
    case FIELD_UUID:
        return 0;
    case FIELD_LIST:
        break;
    }
    return ERR_MALFORMED; /* no list of lists */
}

static int field_check(const struct field *f, const void *body)
{
    const void *at = field_at(f, body);
    const struct list *list = at;
    int err = 0;

    if (!field_is_there(f, body))
        return 0;
    if (f->type != FIELD_LIST)
        return value_check(f->type, at, f->max);
    if (list->n > f->list_max)
        return ERR_TOOBIG;
    for (size_t i = 0; i < list->n && !err; i++)
        err = value_check(f->item, (const char *)list->items + i * wire_value_size(f->item), f->max);
    return err;
}

int wire_check(const struct message *m, const void *body, const struct field **bad)
{
    for (size_t i = 0; i < m->field_n; i++) {
        int err = field_check(&m->field[i], body);
        if (err) {
            if (bad)
                *bad = &m->field[i];
            return err;
        }
    }
    return 0;
}

static size_t value_room(enum field_type type, const void *at)
{
    switch (type) {
    case FIELD_STR:
    case FIELD_BIN:
    case FIELD_JSON:
        return 5 + ((const struct span *)at)->n;
    case FIELD_UUID:
        return 18;
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
    case FIELD_I64:
    case FIELD_TIME:
    case FIELD_BOOL:
    case FIELD_LIST:
        break;
    }
    return 9;
}

/* Enough bytes for this body, which passed the check. */
static size_t body_room(const struct message *m, const void *body)
{
    size_t room = 5;

    for (size_t i = 0; i < m->field_n; i++) {
        const struct field *f = &m->field[i];
        const struct list *list = field_at(f, body);
        if (!field_is_there(f, body))
            continue;
        room += 1 + (f->type == FIELD_LIST ? 5 : value_room(f->type, list));
        for (size_t k = 0; f->type == FIELD_LIST && k < list->n; k++)
            room += value_room(f->item, (const char *)list->items + k * wire_value_size(f->item));
    }
    return room;
}

size_t wire_size_max(const struct message *m)
{
    size_t room = 5 + UNKNOWN_BYTES_MAX;

    for (size_t i = 0; i < m->field_n; i++) {
        const struct field *f = &m->field[i];
        enum field_type type = f->type == FIELD_LIST ? f->item : f->type;
        bool is_sized = type == FIELD_STR || type == FIELD_BIN || type == FIELD_JSON;
        room += 6 + (f->type == FIELD_LIST ? f->list_max : 1) * (is_sized ? 5 + (size_t)f->max : 18);
    }
    return room;
}

/* ---- writing
 * -------------------------------------------------------------------------------------------------------- */

struct sink {
    char *p;
    size_t n, room;
};

static int sink_write(void *data, const char *bytes, size_t n)
{
    struct sink *sink = data;

    if (sink->room - sink->n < n)
        return -1;
    memcpy(sink->p + sink->n, bytes, n);
    sink->n += n;
    return 0;
}

static int bytes_put(msgpack_packer *pk, bool is_text, struct span s)
{
    int rc = is_text ? msgpack_pack_str(pk, s.n) : msgpack_pack_bin(pk, s.n);

    if (rc || s.n == 0)
        return rc;
    return is_text ? msgpack_pack_str_body(pk, s.p, s.n) : msgpack_pack_bin_body(pk, s.p, s.n);
}

static int value_put(msgpack_packer *pk, enum field_type type, const void *at)
{
    switch (type) {
    case FIELD_U8:
        return msgpack_pack_uint8(pk, *(const uint8_t *)at);
    case FIELD_U16:
        return msgpack_pack_uint16(pk, *(const uint16_t *)at);
    case FIELD_U32:
        return msgpack_pack_uint32(pk, *(const uint32_t *)at);
    case FIELD_U64:
        return msgpack_pack_uint64(pk, *(const uint64_t *)at);
    case FIELD_I64:
    case FIELD_TIME:
        return msgpack_pack_int64(pk, *(const int64_t *)at);
    case FIELD_BOOL:
        return *(const bool *)at ? msgpack_pack_true(pk) : msgpack_pack_false(pk);
    case FIELD_STR:
    case FIELD_JSON:
        return bytes_put(pk, true, *(const struct span *)at);
    case FIELD_BIN:
        return bytes_put(pk, false, *(const struct span *)at);
    case FIELD_UUID:
        return bytes_put(pk, false, (struct span){at, sizeof(struct uuid)});
    case FIELD_LIST:
        break;
    }
    return -1;
}

static int field_put(msgpack_packer *pk, const struct field *f, const void *body)
{
    const struct list *list = field_at(f, body);
    int rc = msgpack_pack_uint32(pk, f->number);

    if (rc)
        return rc;
    if (f->type != FIELD_LIST)
        return value_put(pk, f->type, list);
    rc = msgpack_pack_array(pk, list->n);
    for (size_t i = 0; i < list->n && !rc; i++)
        rc = value_put(pk, f->item, (const char *)list->items + i * wire_value_size(f->item));
    return rc;
}

/* body passed the check */
static int body_write(const struct message *m, const void *body, struct sink *sink)
{
    msgpack_packer pk;
    size_t there = 0;
    int rc;

    for (size_t i = 0; i < m->field_n; i++)
        there += field_is_there(&m->field[i], body);
    msgpack_packer_init(&pk, sink, sink_write);
    rc = msgpack_pack_map(&pk, there);
    for (size_t i = 0; i < m->field_n && !rc; i++)
        if (field_is_there(&m->field[i], body))
            rc = field_put(&pk, &m->field[i], body);
    return rc ? ERR_TOOBIG : 0;
}

int wire_write(const struct message *m, const void *body, char *out, size_t room, size_t *n)
{
    struct sink sink = {out, 0, room};
    int err = wire_check(m, body, NULL);

    if (!err)
        err = body_write(m, body, &sink);
    *n = sink.n;
    return err;
}

int wire_pack(struct arena *a, const struct message *m, const void *body, struct span *out,
              const struct field **bad)
{
    struct sink sink = {0};
    int err = wire_check(m, body, bad);

    if (err)
        return err;
    sink.room = body_room(m, body);
    sink.p = arena_room(a, sink.room);
    err = body_write(m, body, &sink);
    MUST(!err);
    *out = (struct span){sink.p, sink.n};
    return 0;
}

/* ---- reading
 * -------------------------------------------------------------------------------------------------------- */

static int u64_take(const msgpack_object *o, uint64_t *v)
{
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
        return ERR_MALFORMED;
    *v = o->via.u64;
    return 0;
}

static int i64_take(const msgpack_object *o, int64_t *v)
{
    if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
        *v = o->via.i64;
        return 0;
    }
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
        return ERR_MALFORMED;
    if (o->via.u64 > INT64_MAX)
        return ERR_TOOBIG;
    *v = (int64_t)o->via.u64;
    return 0;
}

static int bytes_take(const msgpack_object *o, bool is_text, struct span *s)
{
    if (o->type != (is_text ? MSGPACK_OBJECT_STR : MSGPACK_OBJECT_BIN))
        return ERR_MALFORMED;
    *s = is_text ? (struct span){o->via.str.ptr, o->via.str.size}
                 : (struct span){o->via.bin.ptr, o->via.bin.size};
    return 0;
}

static int unsigned_take(const msgpack_object *o, enum field_type type, void *at)
{
    static const uint64_t most[] = {UINT8_MAX, UINT16_MAX, UINT32_MAX, UINT64_MAX};
    uint64_t v;
    int err = u64_take(o, &v);

    if (!err && v > most[type - FIELD_U8])
        err = ERR_TOOBIG;
    if (err)
        return err;
    if (type == FIELD_U8)
        *(uint8_t *)at = (uint8_t)v;
    else if (type == FIELD_U16)
        *(uint16_t *)at = (uint16_t)v;
    else if (type == FIELD_U32)
        *(uint32_t *)at = (uint32_t)v;
    else
        *(uint64_t *)at = v;
    return 0;
}

static int uuid_take(const msgpack_object *o, struct uuid *u)
{
    struct span s;
    int err = bytes_take(o, false, &s);

    if (!err && s.n != sizeof u->b)
        err = ERR_MALFORMED;
    if (!err)
        memcpy(u->b, s.p, sizeof u->b);
    return err;
}

static int value_take(const msgpack_object *o, enum field_type type, void *at)
{
    switch (type) {
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
        return unsigned_take(o, type, at);
    case FIELD_I64:
    case FIELD_TIME:
        return i64_take(o, at);
    case FIELD_BOOL:
        if (o->type != MSGPACK_OBJECT_BOOLEAN)
            return ERR_MALFORMED;
        *(bool *)at = o->via.boolean;
        return 0;
    case FIELD_STR:
    case FIELD_JSON:
        return bytes_take(o, true, at);
    case FIELD_BIN:
        return bytes_take(o, false, at);
    case FIELD_UUID:
        return uuid_take(o, at);
    case FIELD_LIST:
        break;
    }
    return ERR_MALFORMED;
}

static int list_take(struct arena *a, const msgpack_object *o, const struct field *f, struct list *list)
{
    size_t size = wire_value_size(f->item);
    char *items;
    int err = 0;

    if (o->type != MSGPACK_OBJECT_ARRAY)
        return ERR_MALFORMED;
    if (o->via.array.size > f->list_max)
        return ERR_TOOBIG;
    items = arena_get(a, o->via.array.size * size);
    for (size_t i = 0; i < o->via.array.size && !err; i++)
        err = value_take(&o->via.array.ptr[i], f->item, items + i * size);
    *list = (struct list){items, o->via.array.size};
    return err;
}

static const struct field *field_by_number(const struct message *m, uint64_t number)
{
    for (size_t i = 0; i < m->field_n; i++)
        if (m->field[i].number == number)
            return &m->field[i];
    return NULL;
}

/* One pair of the map; seen: a bit per field number. */
static int pair_take(struct arena *a, const struct message *m, const msgpack_object_kv *pair, void *body,
                     uint64_t seen[2], const struct field **bad)
{
    uint64_t number, bit;
    const struct field *f;
    void *at;

    if (u64_take(&pair->key, &number) || number == 0 || number > NUMBER_MAX)
        return ERR_MALFORMED;
    bit = UINT64_C(1) << number % 64;
    *bad = f = field_by_number(m, number);
    if (seen[number / 64] & bit)
        return ERR_MALFORMED;
    seen[number / 64] |= bit;
    if (!f)
        return 0;
    at = (char *)body + f->offset;
    field_set_there(f, body, true);
    return f->type == FIELD_LIST ? list_take(a, &pair->val, f, at) : value_take(&pair->val, f->type, at);
}

static int map_take(struct arena *a, const struct message *m, const msgpack_object *o, void *body,
                    const struct field **bad)
{
    uint64_t seen[2] = {0};

    if (o->type != MSGPACK_OBJECT_MAP)
        return ERR_MALFORMED;
    for (size_t i = 0; i < o->via.map.size; i++) {
        int err = pair_take(a, m, &o->via.map.ptr[i], body, seen, bad);
        if (err)
            return err;
    }
    for (size_t i = 0; i < m->field_n; i++) {
        const struct field *f = &m->field[i];
        *bad = f;
        if (!f->is_optional && !(seen[f->number / 64] & UINT64_C(1) << f->number % 64))
            return ERR_MALFORMED;
    }
    *bad = NULL;
    return wire_check(m, body, bad);
}

int wire_unpack(struct arena *a, const struct message *m, struct span bytes, void *body,
                const struct field **bad)
{
    const struct field *at_fault = NULL;
    msgpack_unpacked found;
    size_t elements = ELEMENTS_SPARE, end = 0;
    int err;

    memset(body, 0, m->size);
    for (size_t i = 0; i < m->field_n; i++)
        elements += m->field[i].list_max;
    err = wire_guard(bytes, elements);
    if (!err) {
        msgpack_unpacked_init(&found);
        if (msgpack_unpack_next(&found, bytes.p, bytes.n, &end) == MSGPACK_UNPACK_SUCCESS && end == bytes.n)
            err = map_take(a, m, &found.data, body, &at_fault);
        else
            err = ERR_MALFORMED;
        msgpack_unpacked_destroy(&found);
    }
    if (bad)
        *bad = at_fault;
    return err;
}
