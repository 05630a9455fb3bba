/* Bodies: bounded, and nothing left behind. */

#include "body.h"
#include "errors.h"
#include "folder.h"
#include "test.h"

static struct arena *arena;
static struct spool *spool;
static char folder[512];

static int start(void **state)
{
    (void)state;
    crypt_init();
    arena = arena_new();
    memcpy(folder, folder_make(), sizeof folder);
    return spool_open(&spool, folder, 0);
}

static int stop(void **state)
{
    (void)state;
    spool_close(&spool);
    arena_free(&arena);
    folder_remove(folder);
    return 0;
}

static void a_body_in_memory_is_what_came(void **state)
{
    struct body b;
    struct body_plan plan = {.kind = BODY_MEMORY, .max = 10, .length = -1};

    (void)state;
    assert_int_equal(body_begin(&b, arena, spool, &plan), 0);
    assert_int_equal(body_add(&b, SPAN("abc")), 0);
    assert_int_equal(body_add(&b, SPAN("defg")), 0);
    assert_int_equal(body_end(&b), 0);
    assert_span(text_span(&b.text), "abcdefg");
    body_drop(&b);
}

static void a_body_above_its_bound_is_too_big_declared_or_not(void **state)
{
    struct body b;
    struct body_plan plan = {.kind = BODY_MEMORY, .max = 5, .length = 6};

    (void)state;
    assert_int_equal(body_begin(&b, arena, spool, &plan), ERR_TOOBIG);
    plan.length = -1;
    assert_int_equal(body_begin(&b, arena, spool, &plan), 0);
    assert_int_equal(body_add(&b, SPAN("abcdef")), ERR_TOOBIG);
    plan.kind = BODY_NONE;
    assert_int_equal(body_begin(&b, arena, spool, &plan), 0);
    assert_int_equal(body_add(&b, SPAN("a")), ERR_TOOBIG);
}

static void a_chunk_rests_in_the_spool_with_both_digests(void **state)
{
    struct body b;
    struct body_plan plan = {.kind = BODY_CHUNK, .max = 10, .length = 3, .wants_sha1 = true};
    uint8_t want[32];

    (void)state;
    assert_int_equal(body_begin(&b, arena, spool, &plan), 0);
    assert_int_equal(body_add(&b, SPAN("abc")), 0);
    assert_int_equal(body_end(&b), 0);
    crypt_sha256(SPAN("abc"), want);
    assert_memory_equal(b.sha256, want, 32);
    assert_memory_equal(
        b.digest, "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d", 20);
    assert_int_equal(folder_count(folder), 1);
    body_drop(&b);
    assert_int_equal(folder_count(folder), 0);
}

static void what_is_given_up_halfway_leaves_nothing(void **state)
{
    struct body b;
    struct body_plan chunk = {.kind = BODY_CHUNK, .max = 10, .length = -1};
    struct body_plan form = {.kind = BODY_MULTIPART,
                             .max = 1000,
                             .file_max = 100,
                             .length = -1,
                             .content_type = SPAN("multipart/form-data; boundary=x")};

    (void)state;
    assert_int_equal(body_begin(&b, arena, spool, &chunk), 0);
    assert_int_equal(body_add(&b, SPAN("abc")), 0);
    body_drop(&b);
    assert_int_equal(body_begin(&b, arena, spool, &form), 0);
    assert_int_equal(
        body_add(&b, SPAN("--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nabc")), 0);
    body_drop(&b);
    assert_int_equal(folder_count(folder), 0);
}

static void files_of_a_whole_form_are_removed_in_the_end(void **state)
{
    struct body b;
    struct body_plan form = {.kind = BODY_MULTIPART,
                             .max = 1000,
                             .file_max = 100,
                             .length = -1,
                             .content_type = SPAN("multipart/form-data; boundary=x")};

    (void)state;
    assert_int_equal(body_begin(&b, arena, spool, &form), 0);
    assert_int_equal(
        body_add(&b, SPAN("--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nabc\r\n--x--")),
        0);
    assert_int_equal(body_end(&b), 0);
    assert_int_equal(folder_count(folder), 1);
    body_drop(&b);
    assert_int_equal(folder_count(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_in_memory_is_what_came),
        cmocka_unit_test(a_body_above_its_bound_is_too_big_declared_or_not),
        cmocka_unit_test(a_chunk_rests_in_the_spool_with_both_digests),
        cmocka_unit_test(what_is_given_up_halfway_leaves_nothing),
        cmocka_unit_test(files_of_a_whole_form_are_removed_in_the_end),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
