/* db_row: columns by name, from PostgreSQL's binary formats (src/backend/utils/adt, *_send).
 *
 * Integers are big-endian; a timestamptz counts microseconds and a date days from 2000-01-01; jsonb is a
 * version byte and text. Other types are cast to text or json in the statement. */
#include "db_private.h"

#include <inttypes.h>

#include "clock.h"
#include "log.h"

static uint64_t take(const char *p, size_t bytes)
{
    uint64_t v = 0;

    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | (uint8_t)p[i];
    return v;
}

static int64_t take_signed(struct span raw)
{
    uint64_t v = take(raw.p, raw.n);

    if (raw.n == 2)
        return (int16_t)v;
    return raw.n == 4 ? (int32_t)v : (int64_t)v;
}

static struct span date_print(struct arena *a, int64_t days)
{
    char text[32];

    (void)clock_rfc3339((days + DB_EPOCH_DAYS) * DB_DAY_US, text);
    return arena_copy(a, (struct span){text, 10});
}

static struct span float_print(struct arena *a, struct span raw)
{
    uint64_t bits = take(raw.p, 8);
    double v;

    memcpy(&v, &bits, sizeof v);
    return arena_print(a, "%.17g", v);
}

static int64_t time_of(uint32_t oid, struct span raw)
{
    int64_t v = take_signed(raw);

    if (oid == OID_DATE)
        return (v + DB_EPOCH_DAYS) * DB_DAY_US;
    MUST(oid == OID_TIMESTAMPTZ);
    if (v > INT64_MAX - DB_EPOCH_US) /* infinity */
        return INT64_MAX;
    return v == INT64_MIN ? INT64_MIN : v + DB_EPOCH_US;
}

static struct span text_of(struct arena *a, uint32_t oid, struct span raw)
{
    char text[40];
    struct uuid u;

    if (oid == OID_TEXT || oid == OID_JSON)
        return raw;
    if (oid == OID_JSONB)
        return (struct span){raw.p + 1, raw.n - 1};
    if (oid == OID_INT8 || oid == OID_INT4 || oid == OID_INT2)
        return arena_print(a, "%" PRId64, take_signed(raw));
    if (oid == OID_BOOL)
        return raw.p[0] ? SPAN("true") : SPAN("false");
    if (oid == OID_DATE)
        return date_print(a, take_signed(raw));
    if (oid == OID_TIMESTAMPTZ)
        return arena_copy(a, (struct span){text, clock_rfc3339(time_of(oid, raw), text)});
    if (oid == OID_FLOAT8)
        return float_print(a, raw);
    MUST(oid == OID_UUID); /* anything else is cast to text or json in the statement */
    memcpy(u.b, raw.p, 16);
    db_uuid_print(&u, text);
    return arena_copy(a, (struct span){text, 36});
}

static int64_t i64_of(uint32_t oid, struct span raw)
{
    MUST(oid == OID_INT8 || oid == OID_INT4 || oid == OID_INT2);
    return take_signed(raw);
}

static bool bool_of(uint32_t oid, struct span raw)
{
    MUST(oid == OID_BOOL && raw.n == 1);
    return raw.p[0] != 0;
}

static struct uuid uuid_of(uint32_t oid, struct span raw)
{
    struct uuid u;

    MUST(oid == OID_UUID && raw.n == 16);
    memcpy(u.b, raw.p, 16);
    return u;
}

bool row_is_null(const struct row *row, const char *column)
{
    uint32_t oid;
    struct arena *a;

    return !db_column(row, column, &oid, &a).p;
}

struct span row_text(const struct row *row, const char *column)
{
    uint32_t oid;
    struct arena *a;
    struct span raw = db_column(row, column, &oid, &a);

    return raw.p ? text_of(a, oid, raw) : raw;
}

int64_t row_i64(const struct row *row, const char *column)
{
    uint32_t oid;
    struct arena *a;
    struct span raw = db_column(row, column, &oid, &a);

    return raw.p ? i64_of(oid, raw) : 0;
}

bool row_bool(const struct row *row, const char *column)
{
    uint32_t oid;
    struct arena *a;
    struct span raw = db_column(row, column, &oid, &a);

    return raw.p && bool_of(oid, raw);
}

struct uuid row_uuid(const struct row *row, const char *column)
{
    uint32_t oid;
    struct arena *a;
    struct span raw = db_column(row, column, &oid, &a);

    return raw.p ? uuid_of(oid, raw) : (struct uuid){{0}};
}

int64_t row_time(const struct row *row, const char *column)
{
    uint32_t oid;
    struct arena *a;
    struct span raw = db_column(row, column, &oid, &a);

    return raw.p ? time_of(oid, raw) : 0;
}

struct span row_bytes(const struct row *row, const char *column)
{
    uint32_t oid;
    struct arena *a;
    struct span raw = db_column(row, column, &oid, &a);

    MUST(!raw.p || oid == OID_BYTEA);
    return raw;
}
