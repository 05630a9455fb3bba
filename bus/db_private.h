/* db_private: what bus/db.c and bus/db_value.c share. Not for anybody else, and free of libpq: values are
 * bytes here. */
#ifndef LOOKIT_DB_PRIVATE_H
#define LOOKIT_DB_PRIVATE_H

#include "db.h"

/* Types by their oid in the catalogue (pg_type.dat); they never change. */
enum db_oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_JSON = 114,
    OID_FLOAT8 = 701,
    OID_INT4_LIST = 1007,
    OID_TEXT_LIST = 1009,
    OID_INT8_LIST = 1016,
    OID_DATE = 1082,
    OID_DATE_LIST = 1182,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
    OID_UUID_LIST = 2951,
    OID_JSONB = 3802
};

enum db_kind { DB_NULL, DB_TEXT, DB_I64, DB_BOOL, DB_UUID, DB_BYTES, DB_TIME, DB_LIST };

/* A value on its way into a statement. */
struct db_value {
    enum db_kind kind;
    enum field_type item; /* of DB_LIST */
    union {
        struct span text; /* DB_TEXT, DB_BYTES */
        int64_t i64;      /* DB_I64, DB_TIME (microseconds since 1970) */
        bool truth;
        struct uuid uuid;
        struct list list;
    } u;
};

/* One parameter as it goes over the wire. p NULL: SQL NULL. */
struct db_parameter {
    const char *p;
    int n;
    int format; /* 0 text (then p is terminated), 1 binary */
};

/* A field of a message as a value. ERR_INVALID when a u64 has no place in a bigint. */
int db_value_of_field(const struct field *f, const void *body, struct db_value *v) MUST_CHECK;

/* Encodes v for a parameter of type oid, binary where that is one copy or none, else as text for the server
 * to read. Bytes live in the arena, or are the value's own. ERR_INVALID: the value does not fit the type;
 * ERR_TOOBIG. */
int db_encode(struct arena *a, uint32_t oid, const struct db_value *v, struct db_parameter *out) MUST_CHECK;

#define DB_EPOCH_US INT64_C(946684800000000) /* 2000-01-01, where PostgreSQL counts from */
#define DB_EPOCH_DAYS INT64_C(10957)
#define DB_DAY_US INT64_C(86400000000)

/* Lower-case hyphenated text, terminated. */
void db_uuid_print(const struct uuid *u, char out[37]);

/* SQLSTATE to ERR_*; NULL is "no word from the server". */
int db_error_of_state(const char *state) MUST_CHECK;

#define DB_PARAMETERS_MAX 128
#define DB_BOUND_MAX 64

/* The parameters of one statement, in the form libpq takes them. */
struct db_parameters {
    const char *p[DB_PARAMETERS_MAX];
    int n[DB_PARAMETERS_MAX];
    int format[DB_PARAMETERS_MAX];
};

/* Finds and encodes every parameter of s, and forgets the bindings: they are for one statement. */
int db_parameters_fill(struct db *db, const struct statement *s, struct db_parameters *out) MUST_CHECK;

struct bound {
    const char *name;
    struct db_value value;
};

struct db {
    struct pg_conn *conn;
    const char *conninfo;
    const char *name;
    const struct statement *const *statements;
    uint32_t timeout_ms;
    struct arena *own; /* for callers without db_call */
    struct arena *arena;
    const struct message *message;
    const void *body;
    struct bound bound[DB_BOUND_MAX];
    size_t bound_n;
    bool is_in_transaction;
    bool has_to_begin; /* in a transaction of which the server has not heard yet */
    bool is_streaming;
    bool is_collided;
    int failed; /* first error of the transaction */
    struct db_refusal refusal;
    char why[400];
    char constraint[128];
};

/* printf into db->why. */
void db_why_set(struct db *db, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The bytes of a column as they came; p NULL for SQL NULL. a: where what is made from them may live. */
struct span db_column(const struct row *row, const char *column, uint32_t *oid, struct arena **a);

#endif
