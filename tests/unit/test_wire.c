/* wire: bytes that came from somewhere, and bytes that we make. */
#include "test.h"

#include <sys/resource.h>

#include "errors.h"
#include "everything.h"
#include "messages.h"
#include "wire.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

#define BYTES(literal) ((struct span){"" literal, sizeof(literal) - 1})

/* ctl.tap has one required number up to 60; reply.see_other a required text up to 2000 and an optional one up
 * to 400. */
static void hostile_bytes_are_refused(void **state)
{
    static const struct {
        const char *what;
        const struct message *m;
        struct span bytes;
        int err;
    } table[] = {
        {"nothing", &MESSAGE_ctl_tap, {"", 0}, ERR_MALFORMED},
        {"no map", &MESSAGE_ctl_tap, {"\x91\x01", 2}, ERR_MALFORMED},
        {"nil", &MESSAGE_ctl_tap, {"\xc0", 1}, ERR_MALFORMED},
        {"a head that msgpack never uses", &MESSAGE_ctl_tap, {"\xc1", 1}, ERR_MALFORMED},
        {"required field missing", &MESSAGE_ctl_tap, {"\x80", 1}, ERR_MALFORMED},
        {"the number twice", &MESSAGE_ctl_tap, {"\x82\x01\x05\x01\x05", 5}, ERR_MALFORMED},
        {"an unknown number twice", &MESSAGE_ctl_tap, {"\x83\x01\x05\x09\x01\x09\x01", 7}, ERR_MALFORMED},
        {"number 0", &MESSAGE_ctl_tap, {"\x82\x01\x05\x00\x05", 5}, ERR_MALFORMED},
        {"number 128", &MESSAGE_ctl_tap, {"\x82\x01\x05\xcc\x80\x05", 6}, ERR_MALFORMED},
        {"a name as key", &MESSAGE_ctl_tap, {"\x81\xa1\x01\x05", 4}, ERR_MALFORMED},
        {"bytes behind the end", &MESSAGE_ctl_tap, {"\x81\x01\x05\x00", 4}, ERR_MALFORMED},
        {"cut in the map", &MESSAGE_ctl_tap, {"\x81\x01", 2}, ERR_MALFORMED},
        {"cut in a number", &MESSAGE_ctl_tap, {"\x81\x01\xcd\x00", 4}, ERR_MALFORMED},
        {"above the bound", &MESSAGE_ctl_tap, {"\x81\x01\x3d", 3}, ERR_TOOBIG},
        {"above the C type", &MESSAGE_ctl_tap, {"\x81\x01\xce\x00\x01\x00\x00", 7}, ERR_TOOBIG},
        {"negative", &MESSAGE_ctl_tap, {"\x81\x01\xff", 3}, ERR_MALFORMED},
        {"text instead of a number", &MESSAGE_ctl_tap, {"\x81\x01\xa1\x35", 4}, ERR_MALFORMED},
        {"a float instead of a number", &MESSAGE_ctl_tap, {"\x81\x01\xca\x40\xa0\x00\x00", 7}, ERR_MALFORMED},
        {"bad UTF-8", &MESSAGE_reply_see_other, {"\x81\x01\xa2/\xff", 5}, ERR_MALFORMED},
        {"U+0000", &MESSAGE_reply_see_other, {"\x81\x01\xa2/\x00", 5}, ERR_MALFORMED},
        {"bin instead of text", &MESSAGE_reply_see_other, {"\x81\x01\xc4\x01/", 5}, ERR_MALFORMED},
        {"text longer than all",
         &MESSAGE_reply_see_other,
         {"\x81\x01\xdb\xff\xff\xff\xff/", 8},
         ERR_MALFORMED},
        {"bin longer than all", &MESSAGE_reply_file, {"\x81\x01\xc6\x7f\xff\xff\xff", 7}, ERR_MALFORMED},
        {"ext longer than all",
         &MESSAGE_ctl_tap,
         {"\x82\x01\x05\x09\xc9\xff\xff\xff\xff\x01", 10},
         ERR_MALFORMED},
        {"empty json", &MESSAGE_reply_doc, {"\x81\x01\xa0", 3}, ERR_MALFORMED},
        {"uuid of 15 bytes",
         &MESSAGE_reply_file,
         {"\x81\x01\xc4\x0f"
          "123456789012345",
          19},
         ERR_MALFORMED},
        {"a map of 2^32-1 pairs", &MESSAGE_ctl_tap, {"\xdf\xff\xff\xff\xff", 5}, ERR_MALFORMED},
        {"an array of 2^27 items", &MESSAGE_ctl_tap, {"\xdd\x08\x00\x00\x00", 5}, ERR_MALFORMED},
        {"an array bomb in an unknown field",
         &MESSAGE_ctl_tap,
         {"\x82\x01\x05\x09\xdd\x08\x00\x00\x00", 9},
         ERR_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        void *body = arena_get(arena, table[i].m->size);
        int err = wire_unpack(arena, table[i].m, table[i].bytes, body, NULL);
        if (err != table[i].err)
            fail_msg("%s: got %s, want %s", table[i].what, err_name(err), err_name(table[i].err));
    }
}

/* msgpack-c alone would reserve 4 GiB for the count in this head. */
static void five_bytes_reserve_nothing(void **state)
{
    struct rlimit before, tight;
    struct ctl_tap body;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)1 << 30;
    assert_int_equal(setrlimit(RLIMIT_DATA, &tight), 0);
    assert_int_equal(wire_unpack(arena, &MESSAGE_ctl_tap, BYTES("\xdd\x08\x00\x00\x00"), &body, NULL),
                     ERR_MALFORMED);
    assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
}

static void nesting_has_an_end(void **state)
{
    char deep[WIRE_DEPTH_MAX + 1];

    (void)state;
    memset(deep, '\x91', sizeof deep);
    deep[sizeof deep - 1] = '\xc0';
    assert_int_equal(wire_guard((struct span){deep, sizeof deep}, 100), 0);
    assert_int_equal(wire_guard((struct span){deep, sizeof deep - 1}, 100), ERR_MALFORMED);
    deep[sizeof deep - 1] = '\x90';
    assert_int_equal(wire_guard((struct span){deep, sizeof deep}, 100), ERR_TOOBIG);
}

static void more_values_than_anyone_needs_are_refused(void **state)
{
    size_t n = 7 + 60000;
    char *bytes = arena_get(arena, n);
    struct ctl_tap body;

    (void)state;
    memcpy(bytes, "\x82\x01\x05\x09\xdc\xea\x60", 7); /* unknown field 9: 60,000 items */
    memset(bytes + 7, 0, n - 7);
    assert_int_equal(wire_unpack(arena, &MESSAGE_ctl_tap, (struct span){bytes, n}, &body, NULL), ERR_TOOBIG);
}

static void unknown_numbers_are_skipped(void **state)
{
    struct ctl_tap body;

    (void)state;
    assert_int_equal(wire_unpack(arena, &MESSAGE_ctl_tap,
                                 BYTES("\x84\x02\x93\xc0\xc3\xa1x\x01\x3c\x7f\xd6\x05"
                                       "abcd\x09\x81\xa1k\xcb\x00\x00\x00\x00\x00\x00\x00\x00"),
                                 &body, NULL),
                     0);
    assert_int_equal(body.seconds, 60);
}

static void the_field_at_fault_is_named(void **state)
{
    const struct field *bad = NULL;
    struct ctl_tap body;
    struct ctl_tap wide = {.seconds = 61};
    struct span out;

    (void)state;
    assert_int_equal(wire_unpack(arena, &MESSAGE_ctl_tap, BYTES("\x81\x01\x3d"), &body, &bad), ERR_TOOBIG);
    assert_string_equal(bad->name, "seconds");
    bad = NULL;
    assert_int_equal(wire_pack(arena, &MESSAGE_ctl_tap, &wide, &out, &bad), ERR_TOOBIG);
    assert_string_equal(bad->name, "seconds");
}

static struct everything everything_sample(void)
{
    static const struct span words[] = {{"one", 3}, {"", 0}, {"three", 5}};
    static const struct uuid ids[] = {{{1}}, {{0xff}}};
    static const int64_t numbers[100] = {1, -2, 99, -99};

    return (struct everything){.tiny = 200,
                               .small = 65535,
                               .middle = UINT32_MAX,
                               .large = UINT64_MAX,
                               .whole = -INT64_MAX,
                               .yes = true,
                               .text = SPAN("Größe"),
                               .bytes = BYTES("\x00\xff\x00"),
                               .id = {{7, 0, 9}},
                               .at = -1,
                               .doc = SPAN("[]"),
                               .words = {words, 3},
                               .ids = {ids, 2},
                               .spare = 9,
                               .has_spare = true,
                               .numbers = {numbers, 100},
                               .has_numbers = true};
}

static void a_field_of_every_type_comes_back(void **state)
{
    struct everything sent = everything_sample(), got;
    struct span packed;

    (void)state;
    assert_int_equal(wire_pack(arena, &MESSAGE_everything, &sent, &packed, NULL), 0);
    assert_true(packed.n <= wire_size_max(&MESSAGE_everything));
    assert_int_equal(wire_unpack(arena, &MESSAGE_everything, packed, &got, NULL), 0);
    assert_int_equal(got.tiny, 200);
    assert_int_equal(got.small, 65535);
    assert_int_equal(got.middle, UINT32_MAX);
    assert_true(got.large == UINT64_MAX);
    assert_true(got.whole == -INT64_MAX);
    assert_true(got.yes);
    assert_span(got.text, "Größe");
    assert_int_equal(got.bytes.n, 3);
    assert_memory_equal(got.bytes.p, "\x00\xff\x00", 3);
    assert_memory_equal(&got.id, &sent.id, sizeof sent.id);
    assert_true(got.at == -1);
    assert_span(got.doc, "[]");
    assert_int_equal(got.words.n, 3);
    assert_span(((const struct span *)got.words.items)[2], "three");
    assert_int_equal(got.ids.n, 2);
    assert_memory_equal(got.ids.items, sent.ids.items, 32);
    assert_true(got.has_spare && got.spare == 9);
    assert_false(got.has_secret);
    assert_true(got.has_numbers && got.numbers.n == 100);
    assert_memory_equal(got.numbers.items, sent.numbers.items, 800);
}

static void what_breaks_its_own_bound_is_not_sent(void **state)
{
    static const struct span four[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
    struct everything e = everything_sample();
    const struct field *bad = NULL;
    struct span out;

    (void)state;
    e.words = (struct list){four, 4};
    assert_int_equal(wire_pack(arena, &MESSAGE_everything, &e, &out, &bad), ERR_TOOBIG);
    assert_string_equal(bad->name, "words");
    e = everything_sample();
    e.text = BYTES("\xff");
    assert_int_equal(wire_pack(arena, &MESSAGE_everything, &e, &out, &bad), ERR_MALFORMED);
    assert_string_equal(bad->name, "text");
    e = everything_sample();
    e.whole = INT64_MIN;
    assert_int_equal(wire_pack(arena, &MESSAGE_everything, &e, &out, &bad), ERR_TOOBIG);
    e = everything_sample();
    e.bytes = BYTES("12345");
    assert_int_equal(wire_pack(arena, &MESSAGE_everything, &e, &out, &bad), ERR_TOOBIG);
}

/* Every cut and every changed byte: never a crash, never an answer that breaks a bound. */
static void no_damage_gets_through_the_bounds(void **state)
{
    struct everything sent = everything_sample(), got;
    struct span packed;
    char *bytes;

    (void)state;
    assert_int_equal(wire_pack(arena, &MESSAGE_everything, &sent, &packed, NULL), 0);
    for (size_t n = 0; n < packed.n; n++)
        assert_int_not_equal(wire_unpack(arena, &MESSAGE_everything, (struct span){packed.p, n}, &got, NULL),
                             0);
    for (size_t at = 0; at < packed.n; at++)
        for (unsigned change = 1; change < 256; change += 7) {
            struct arena *own = arena_new();
            bytes = arena_get(own, packed.n);
            memcpy(bytes, packed.p, packed.n);
            bytes[at] = (char)((unsigned char)bytes[at] ^ change);
            if (!wire_unpack(own, &MESSAGE_everything, (struct span){bytes, packed.n}, &got, NULL))
                assert_int_equal(wire_check(&MESSAGE_everything, &got, NULL), 0);
            arena_free(&own);
        }
}

static void an_envelope_comes_back_and_fits(void **state)
{
    struct envelope sent = {.version = WIRE_VERSION,
                            .kind = MESSAGE_REPLY,
                            .message = 0xffff,
                            .id = UINT64_MAX,
                            .deadline_ms = INT64_MAX,
                            .trace = UINT64_MAX,
                            .from = SPAN("0123456789012345678901234567890123456789"),
                            .has_from = true,
                            .op = {{1}},
                            .has_op = true,
                            .spool = {{2}},
                            .has_spool = true,
                            .bytes = UINT64_MAX,
                            .has_bytes = true,
                            .sha256 = SPAN("01234567890123456789012345678901"),
                            .has_sha256 = true,
                            .took_us = UINT64_MAX,
                            .has_took_us = true};
    struct envelope got;
    char out[WIRE_ENVELOPE_MAX];
    size_t n;

    (void)state;
    assert_int_equal(wire_write(&WIRE_ENVELOPE, &sent, out, sizeof out, &n), 0);
    assert_int_equal(wire_unpack(arena, &WIRE_ENVELOPE, (struct span){out, n}, &got, NULL), 0);
    assert_true(got.id == UINT64_MAX && got.trace == UINT64_MAX && got.deadline_ms == INT64_MAX);
    assert_true(got.message == 0xffff && got.kind == MESSAGE_REPLY);
    assert_span(got.from, "0123456789012345678901234567890123456789");
    assert_true(got.has_op && got.has_spool && got.has_bytes && got.has_took_us);
    assert_span(got.sha256, "01234567890123456789012345678901");
    assert_int_equal(wire_write(&WIRE_ENVELOPE, &sent, out, n - 1, &n), ERR_TOOBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hostile_bytes_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(five_bytes_reserve_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(nesting_has_an_end, setup, teardown),
        cmocka_unit_test_setup_teardown(more_values_than_anyone_needs_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_numbers_are_skipped, setup, teardown),
        cmocka_unit_test_setup_teardown(the_field_at_fault_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_field_of_every_type_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_breaks_its_own_bound_is_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(no_damage_gets_through_the_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(an_envelope_comes_back_and_fits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
