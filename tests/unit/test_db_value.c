/* NEEDS: database */
/* db_value, db_row, db_bind: every type goes to the server and comes back. */
#include <stdlib.h>

#include "arena.h"
#include "db.h"
#include "errors.h"
#include "test.h"

#define OID_BOOL 16
#define OID_BYTEA 17
#define OID_INT8 20
#define OID_INT2 21
#define OID_INT4 23
#define OID_TEXT 25
#define OID_JSON 114
#define OID_FLOAT8 701
#define OID_DATE 1082
#define OID_TIME 1184
#define OID_NUMERIC 1700
#define OID_UUID 2950
#define OID_JSONB 3802

#define ECHO(name_, sql_type, oid_)                                                                          \
    static const struct column in_##name_[] = {{"v", sql_type, oid_}};                                       \
    static const struct statement name_ = {#name_,  "select $1 as v, $1::text as t", in_##name_, 1, NULL, 0, \
                                           ROWS_ONE}

ECHO(echo_bool, "bool", OID_BOOL);
ECHO(echo_bytea, "bytea", OID_BYTEA);
ECHO(echo_int8, "bigint", OID_INT8);
ECHO(echo_int4, "int", OID_INT4);
ECHO(echo_int2, "smallint", OID_INT2);
ECHO(echo_text, "text", OID_TEXT);
ECHO(echo_json, "json", OID_JSON);
ECHO(echo_jsonb, "jsonb", OID_JSONB);
ECHO(echo_float, "float8", OID_FLOAT8);
ECHO(echo_date, "date", OID_DATE);
ECHO(echo_time, "timestamptz", OID_TIME);
ECHO(echo_uuid, "uuid", OID_UUID);

static const struct column in_numeric[] = {{"v", "numeric", OID_NUMERIC}};
static const struct statement echo_numeric = {"echo_numeric", "select $1::text as t", in_numeric, 1, NULL, 0,
                                              ROWS_ONE};

static const struct column in_lists[] = {{"texts", "text[]", 1009}, {"numbers", "bigint[]", 1016},
                                         {"small", "int[]", 1007},  {"uuids", "uuid[]", 2951},
                                         {"dates", "date[]", 1182}, {"nothing", "text[]", 1009}};
static const struct statement echo_lists = {
    "echo_lists",
    "select to_json($1) as texts, to_json($2) as numbers, to_json($3) as small, to_json($4) as uuids,"
    " to_json($5) as dates, cardinality($6) as nothing",
    in_lists,
    6,
    NULL,
    0,
    ROWS_ONE};

static const struct column in_fields[] = {
    {"a_u8", "smallint", OID_INT2},      {"a_u16", "int", OID_INT4},     {"a_u32", "bigint", OID_INT8},
    {"a_u64", "bigint", OID_INT8},       {"an_i64", "bigint", OID_INT8}, {"a_bool", "bool", OID_BOOL},
    {"a_str", "text", OID_TEXT},         {"a_bin", "bytea", OID_BYTEA},  {"a_uuid", "uuid", OID_UUID},
    {"a_time", "timestamptz", OID_TIME}, {"a_json", "jsonb", OID_JSONB}, {"absent", "text", OID_TEXT},
    {"a_day", "date", OID_DATE}};
static const struct statement echo_fields = {
    "echo_fields",
    "select $1 as a_u8, $2 as a_u16, $3 as a_u32, $4 as a_u64, $5 as an_i64, $6 as a_bool, $7 as a_str, $8 "
    "as a_bin,"
    " $9 as a_uuid, $10 as a_time, $11 as a_json, $12 as absent, $13 as a_day",
    in_fields,
    13,
    NULL,
    0,
    ROWS_ONE};

static const struct statement *const sql[] = {
    &echo_bool,  &echo_bytea, &echo_int8, &echo_int4, &echo_int2,    &echo_text,  &echo_json,   &echo_jsonb,
    &echo_float, &echo_date,  &echo_time, &echo_uuid, &echo_numeric, &echo_lists, &echo_fields, NULL};

struct rig {
    struct db *db;
    struct arena *arena;
};

static int setup(void **state)
{
    static struct rig rig;

    assert_int_equal(db_open(&rig.db, getenv("DATABASE_URL"), "test", sql, 5000), 0);
    rig.arena = arena_new();
    db_call(rig.db, rig.arena, NULL, NULL);
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    arena_free(&rig->arena);
    db_close(&rig->db);
    return 0;
}

static void assert_echo(struct rig *rig, const struct statement *s, const char *value,
                        const char *server_says)
{
    struct row row;

    assert_int_equal(db_one(rig->db, s, &row), 0);
    assert_span(row_text(&row, "t"), server_says);
    if (value)
        assert_span(row_text(&row, "v"), value);
}

static void every_bound_type_round_trips(void **state)
{
    struct rig *rig = *state;
    struct row row;
    struct uuid u = {
        {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}};
    const int64_t numbers[] = {0, 1, -1, 255, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        db_bind_i64(rig->db, "v", numbers[i]);
        assert_int_equal(db_one(rig->db, &echo_int8, &row), 0);
        assert_true(row_i64(&row, "v") == numbers[i]);
    }
    db_bind_i64(rig->db, "v", -32768);
    assert_echo(rig, &echo_int2, "-32768", "-32768");
    db_bind_i64(rig->db, "v", -2147483648);
    assert_echo(rig, &echo_int4, "-2147483648", "-2147483648");
    db_bind_bool(rig->db, "v", true);
    assert_echo(rig, &echo_bool, "true", "true");
    db_bind_uuid(rig->db, "v", &u);
    assert_echo(rig, &echo_uuid, "00112233-4455-6677-8899-aabbccddeeff",
                "00112233-4455-6677-8899-aabbccddeeff");
    db_bind_text(rig->db, "v", SPAN("Zoë \"said\" 'no'\n"));
    assert_echo(rig, &echo_text, "Zoë \"said\" 'no'\n", "Zoë \"said\" 'no'\n");
    db_bind_text(rig->db, "v", SPAN("{\"a\": [1,  2]}"));
    assert_echo(rig, &echo_json, "{\"a\": [1,  2]}", "{\"a\": [1,  2]}");
    db_bind_text(rig->db, "v", SPAN("{\"bb\":1,\"a\":2}"));
    assert_echo(rig, &echo_jsonb, "{\"a\": 2, \"bb\": 1}", "{\"a\": 2, \"bb\": 1}");
    db_bind_bytes(rig->db, "v", (struct span){"\0\xff\n", 3});
    assert_int_equal(db_one(rig->db, &echo_bytea, &row), 0);
    assert_true(span_same(row_bytes(&row, "v"), (struct span){"\0\xff\n", 3}));
    db_bind_time(rig->db, "v", INT64_C(1795539600123456));
    assert_echo(rig, &echo_time, "2026-11-24T17:00:00.123456Z", "2026-11-24 17:00:00.123456+00");
    db_bind_time(rig->db, "v", -1);
    assert_int_equal(db_one(rig->db, &echo_time, &row), 0);
    assert_true(row_time(&row, "v") == -1);
}

static void text_is_read_by_the_server_as_the_parameter_s_type(void **state)
{
    struct rig *rig = *state;
    struct row row;

    db_bind_text(rig->db, "v", SPAN("2024-02-29"));
    assert_echo(rig, &echo_date, "2024-02-29", "2024-02-29");
    db_bind_text(rig->db, "v", SPAN("0d3f0000-0000-4000-8000-000000000001"));
    assert_echo(rig, &echo_uuid, "0d3f0000-0000-4000-8000-000000000001",
                "0d3f0000-0000-4000-8000-000000000001");
    db_bind_text(rig->db, "v", SPAN("12345678901234567890.5"));
    assert_echo(rig, &echo_numeric, NULL, "12345678901234567890.5");
    db_bind_text(rig->db, "v", SPAN("42"));
    assert_echo(rig, &echo_int8, "42", "42");
    db_bind_i64(rig->db, "v", 7);
    assert_echo(rig, &echo_text, "7", "7");
    db_bind_i64(rig->db, "v", 7);
    assert_echo(rig, &echo_float, "7", "7");
    db_bind_time(rig->db, "v", -1); /* the day before 1970 */
    assert_echo(rig, &echo_date, "1969-12-31", "1969-12-31");
    db_bind_text(rig->db, "v", SPAN("2024-02-29"));
    assert_int_equal(db_one(rig->db, &echo_date, &row), 0);
    assert_true(row_time(&row, "v") == INT64_C(1709164800000000));
}

static void null_comes_back_as_nothing(void **state)
{
    struct rig *rig = *state;
    static const struct statement *const all[] = {&echo_bool,  &echo_bytea, &echo_int8, &echo_text,
                                                  &echo_jsonb, &echo_date,  &echo_uuid};
    struct row row;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        db_bind_null(rig->db, "v");
        assert_int_equal(db_one(rig->db, all[i], &row), 0);
        assert_true(row_is_null(&row, "v"));
        assert_null(row_text(&row, "v").p);
        assert_int_equal(row_i64(&row, "v"), 0);
        assert_int_equal(row_time(&row, "v"), 0);
        assert_false(row_bool(&row, "v"));
    }
    db_bind_text(rig->db, "v", (struct span){NULL, 0});
    assert_int_equal(db_one(rig->db, &echo_text, &row), 0);
    assert_true(row_is_null(&row, "v"));
    db_bind_text(rig->db, "v", SPAN(""));
    assert_int_equal(db_one(rig->db, &echo_text, &row), 0);
    assert_false(row_is_null(&row, "v"));
    assert_int_equal(row_text(&row, "v").n, 0);
}

struct body {
    uint8_t a_u8;
    uint16_t a_u16;
    uint32_t a_u32;
    uint64_t a_u64;
    int64_t an_i64;
    bool a_bool;
    struct span a_str, a_bin, a_json, absent, a_day;
    bool has_absent;
    struct uuid a_uuid;
    int64_t a_time;
    struct list texts, numbers, small, uuids, dates, nothing;
};

#define FIELD(name_, type_)                                                                \
    {                                                                                      \
        .name = #name_, .number = 1, .type = type_, .offset = offsetof(struct body, name_) \
    }
#define LIST(name_, item_)                                              \
    {                                                                   \
        .name = #name_, .number = 1, .type = FIELD_LIST, .item = item_, \
        .offset = offsetof(struct body, name_)                          \
    }
static const struct field fields[] = {FIELD(a_u8, FIELD_U8),
                                      FIELD(a_u16, FIELD_U16),
                                      FIELD(a_u32, FIELD_U32),
                                      FIELD(a_u64, FIELD_U64),
                                      FIELD(an_i64, FIELD_I64),
                                      FIELD(a_bool, FIELD_BOOL),
                                      FIELD(a_str, FIELD_STR),
                                      FIELD(a_bin, FIELD_BIN),
                                      FIELD(a_uuid, FIELD_UUID),
                                      FIELD(a_time, FIELD_TIME),
                                      FIELD(a_json, FIELD_JSON),
                                      FIELD(a_day, FIELD_STR),
                                      LIST(texts, FIELD_STR),
                                      LIST(numbers, FIELD_U64),
                                      LIST(small, FIELD_U8),
                                      LIST(uuids, FIELD_UUID),
                                      LIST(dates, FIELD_STR),
                                      LIST(nothing, FIELD_STR),
                                      {.name = "absent",
                                       .number = 1,
                                       .type = FIELD_STR,
                                       .is_optional = true,
                                       .offset = offsetof(struct body, absent),
                                       .has_offset = offsetof(struct body, has_absent)}};
static const struct message message = {.name = "test.body",
                                       .size = sizeof(struct body),
                                       .field = fields,
                                       .field_n = sizeof fields / sizeof *fields};

static void every_field_of_a_message_is_a_parameter(void **state)
{
    struct rig *rig = *state;
    struct body body = {.a_u8 = 255,
                        .a_u16 = 65535,
                        .a_u32 = UINT32_MAX,
                        .a_u64 = INT64_MAX,
                        .an_i64 = INT64_MIN,
                        .a_bool = true,
                        .a_str = {NULL, 0},
                        .a_bin = {"\0\1", 2},
                        .a_json = SPAN("[1]"),
                        .a_day = SPAN("2020-03-01"),
                        .a_uuid = {{1, 2, 3}},
                        .a_time = 1};
    struct row row;

    db_call(rig->db, rig->arena, &message, &body);
    assert_int_equal(db_one(rig->db, &echo_fields, &row), 0);
    assert_int_equal(row_i64(&row, "a_u8"), 255);
    assert_int_equal(row_i64(&row, "a_u16"), 65535);
    assert_int_equal(row_i64(&row, "a_u32"), UINT32_MAX);
    assert_true(row_i64(&row, "a_u64") == INT64_MAX && row_i64(&row, "an_i64") == INT64_MIN);
    assert_true(row_bool(&row, "a_bool"));
    assert_false(row_is_null(&row, "a_str")); /* a field that is there is never NULL */
    assert_true(span_same(row_bytes(&row, "a_bin"), body.a_bin));
    struct uuid u = row_uuid(&row, "a_uuid");

    assert_memory_equal(&u, &body.a_uuid, sizeof u);
    assert_int_equal(row_time(&row, "a_time"), 1);
    assert_span(row_text(&row, "a_json"), "[1]");
    assert_span(row_text(&row, "a_day"), "2020-03-01");
    assert_true(row_is_null(&row, "absent"));

    db_bind_text(rig->db, "absent", SPAN("bound wins"));
    assert_int_equal(db_one(rig->db, &echo_fields, &row), 0);
    assert_span(row_text(&row, "absent"), "bound wins");
    body.a_u64 = UINT64_MAX;
    assert_int_equal(db_one(rig->db, &echo_fields, &row), ERR_INVALID);
}

static void lists_become_arrays(void **state)
{
    struct rig *rig = *state;
    struct span texts[] = {SPAN("a,b"), SPAN("NULL"), SPAN("\"q\""), SPAN("")},
                dates[] = {SPAN("2020-02-29"), SPAN("1999-12-31")};
    uint64_t numbers[] = {0, 9007199254740993};
    uint8_t small[] = {1, 255};
    struct uuid uuids[] = {{{0xff}}, {{0}}};
    struct body body = {.texts = {texts, 4},
                        .numbers = {numbers, 2},
                        .small = {small, 2},
                        .uuids = {uuids, 2},
                        .dates = {dates, 2}};
    struct row row;

    db_call(rig->db, rig->arena, &message, &body);
    assert_int_equal(db_one(rig->db, &echo_lists, &row), 0);
    assert_span(row_text(&row, "texts"), "[\"a,b\",\"NULL\",\"\\\"q\\\"\",\"\"]");
    assert_span(row_text(&row, "numbers"), "[0,9007199254740993]");
    assert_span(row_text(&row, "small"), "[1,255]");
    assert_span(row_text(&row, "uuids"),
                "[\"ff000000-0000-0000-0000-000000000000\",\"00000000-0000-0000-0000-000000000000\"]");
    assert_span(row_text(&row, "dates"), "[\"2020-02-29\",\"1999-12-31\"]");
    assert_int_equal(row_i64(&row, "nothing"), 0);
    dates[1] = SPAN("yesterday!");
    assert_int_equal(db_one(rig->db, &echo_lists, &row), ERR_INVALID);
}

static void a_megabyte_of_text_arrives_whole(void **state)
{
    struct rig *rig = *state;
    size_t n = 5u << 20;
    char *p = arena_get(rig->arena, n);
    struct row row;

    memset(p, 'x', n);
    db_bind_text(rig->db, "v", (struct span){p, n});
    assert_int_equal(db_one(rig->db, &echo_text, &row), 0);
    assert_true(span_same(row_text(&row, "v"), (struct span){p, n}));
}

static void text_that_fits_no_type_is_invalid_and_not_repeated(void **state)
{
    struct rig *rig = *state;
    struct row row;

    db_bind_text(rig->db, "v", SPAN("secret-name"));
    assert_int_equal(db_one(rig->db, &echo_uuid, &row), ERR_INVALID);
    assert_null(strstr(db_why(rig->db), "secret-name"));
    db_bind_text(rig->db, "v", SPAN("\xff\xfe"));
    assert_int_equal(db_one(rig->db, &echo_text, &row), ERR_INVALID);
    db_bind_text(rig->db, "v", (struct span){"a\0b", 3});
    assert_int_equal(db_one(rig->db, &echo_text, &row), ERR_INVALID);
    db_bind_text(rig->db, "v", (struct span){"1\0b", 3});
    assert_int_equal(db_one(rig->db, &echo_int8, &row), ERR_INVALID);
    db_bind_i64(rig->db, "v", 40000);
    assert_int_equal(db_one(rig->db, &echo_int2, &row), ERR_INVALID);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest claims[] = {
        CLAIM(every_bound_type_round_trips),
        CLAIM(text_is_read_by_the_server_as_the_parameter_s_type),
        CLAIM(null_comes_back_as_nothing),
        CLAIM(every_field_of_a_message_is_a_parameter),
        CLAIM(lists_become_arrays),
        CLAIM(a_megabyte_of_text_arrives_whole),
        CLAIM(text_that_fits_no_type_is_invalid_and_not_repeated),
    };

    return cmocka_run_group_tests(claims, NULL, NULL);
}
