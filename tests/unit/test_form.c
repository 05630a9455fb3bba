/* Forms as browsers send them, and as nobody should. */
#include <stdlib.h>
#include <unistd.h>

#include "errors.h"
#include "folder.h"
#include "form.h"
#include "test.h"

static struct arena *arena;
static struct spool *spool;
static char folder[512];

static int start(void **state)
{
    (void)state;
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

static void pairs_are_decoded(void **state)
{
    struct form f = {0};

    (void)state;
    assert_int_equal(form_urlencoded(arena, SPAN("a=1&b=x+y%26z&&c&d=%C3%A9&a=2"), &f), 0);
    assert_int_equal(f.value_n, 5);
    assert_span(form_get(&f, "b"), "x y&z");
    assert_span(form_get(&f, "c"), "");
    assert_span(form_get(&f, "d"), "é");
    assert_span(form_get(&f, "a"), "2");
    assert_null(form_get(&f, "e").p);
}

static void what_is_no_text_is_malformed(void **state)
{
    struct form f = {0};

    (void)state;
    assert_int_equal(form_urlencoded(arena, SPAN("a=%ff"), &f), ERR_MALFORMED);
    assert_int_equal(form_urlencoded(arena, SPAN("a=x%00y"), &f), ERR_MALFORMED);
}

static void too_many_pairs_are_too_big(void **state)
{
    struct form f = {0};
    static char text[4 * FORM_VALUES_MAX + 8];

    (void)state;
    for (size_t i = 0; i < FORM_VALUES_MAX + 1; i++)
        memcpy(text + 4 * i, "a=1&", 4);
    assert_int_equal(form_urlencoded(arena, (struct span){text, 4 * FORM_VALUES_MAX}, &f), 0);
    f = (struct form){0};
    assert_int_equal(form_urlencoded(arena, (struct span){text, 4 * FORM_VALUES_MAX + 4}, &f), ERR_TOOBIG);
}

#define TYPE SPAN("multipart/form-data; boundary=XyZ")
static const char two_parts[] =
    "preamble\r\n--XyZ\r\nContent-Disposition: form-data; name=\"comment\"\r\n\r\n"
    "one\r\n--Xy\r\ntwo\r\r\n\r\n--XyZ\r\n"
    "content-disposition: form-data; name=\"image\"; filename=\"a b.png\"\r\n"
    "Content-Type: image/png\r\n\r\n"
    "\x89PNG\0\r\n--XyZ--\r\nepilogue";

static int parse(struct span type, struct span text, size_t step, uint64_t file_max, struct form *f)
{
    struct multipart *m = NULL;
    int err = multipart_begin(&m, arena, type, spool, file_max);

    for (size_t i = 0; !err && i < text.n; i += step)
        err = multipart_add(m, (struct span){text.p + i, text.n - i < step ? text.n - i : step});
    if (!err)
        err = multipart_end(m, f);
    if (err)
        multipart_drop(m);
    return err;
}

static void a_multipart_form_is_the_same_whatever_the_pieces(void **state)
{
    char bytes[16];

    (void)state;
    for (size_t step = 1; step < sizeof two_parts; step++) {
        struct form f = {0};
        int fd;
        uint64_t size;
        assert_int_equal(parse(TYPE, (struct span){two_parts, sizeof two_parts - 1}, step, 100, &f), 0);
        assert_int_equal(f.value_n, 1);
        assert_span(form_get(&f, "comment"), "one\r\n--Xy\r\ntwo\r\r\n");
        assert_int_equal(f.file_n, 1);
        assert_span(f.file[0].name, "image");
        assert_span(f.file[0].filename, "a b.png");
        assert_span(f.file[0].type, "image/png");
        assert_int_equal(f.file[0].bytes, 5);
        assert_int_equal(spool_read(spool, &f.file[0].spool, &fd, &size), 0);
        assert_int_equal(read(fd, bytes, sizeof bytes), 5);
        assert_memory_equal(bytes, "\x89PNG", 5);
        (void)close(fd);
        spool_remove(spool, &f.file[0].spool);
    }
}

static void a_form_that_breaks_off_is_malformed_and_leaves_no_file(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof two_parts - 12; n++) {
        struct form f = {0};
        assert_int_equal(parse(TYPE, (struct span){two_parts, n}, 7, 100, &f), ERR_MALFORMED);
    }
    assert_int_equal(folder_count(folder), 0);
}

static void a_file_above_its_bound_is_too_big_and_leaves_no_file(void **state)
{
    struct form f = {0};

    (void)state;
    assert_int_equal(parse(TYPE, (struct span){two_parts, sizeof two_parts - 1}, 9, 4, &f), ERR_TOOBIG);
    assert_int_equal(parse(TYPE, (struct span){two_parts, sizeof two_parts - 1}, 9, 0, &f), ERR_TOOBIG);
    assert_int_equal(folder_count(folder), 0);
}

static void a_file_box_left_empty_is_no_file(void **state)
{
    struct form f = {0};

    (void)state;
    assert_int_equal(
        parse(
            TYPE,
            SPAN("--XyZ\r\nContent-Disposition: form-data; name=\"image\"; filename=\"\"\r\n\r\n\r\n--XyZ--"),
            1000, 100, &f),
        0);
    assert_int_equal(f.file_n, 0);
    assert_int_equal(f.value_n, 0);
}

static void parts_without_a_name_and_boundaries_that_are_none_are_malformed(void **state)
{
    static char long_head[FORM_PART_HEAD_MAX + 100];
    struct form f = {0};

    (void)state;
    assert_int_equal(parse(TYPE, SPAN("--XyZ\r\nContent-Type: text/plain\r\n\r\nx\r\n--XyZ--"), 9, 9, &f),
                     ERR_MALFORMED);
    assert_int_equal(
        parse(TYPE, SPAN("--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XyZ--"), 9, 9, &f),
        ERR_MALFORMED);
    assert_int_equal(parse(TYPE, SPAN("--XyZ!!"), 9, 9, &f), ERR_MALFORMED);
    assert_int_equal(parse(SPAN("multipart/form-data"), SPAN(""), 9, 9, &f), ERR_MALFORMED);
    assert_int_equal(parse(SPAN("multipart/form-data; boundary="), SPAN(""), 9, 9, &f), ERR_MALFORMED);
    memset(long_head, 'x', sizeof long_head);
    memcpy(long_head, "--XyZ\r\n", 7);
    assert_int_equal(parse(TYPE, (struct span){long_head, sizeof long_head}, 999, 9, &f), ERR_TOOBIG);
}

static void header_values_are_read(void **state)
{
    (void)state;
    assert_true(media_type_is(SPAN("Text/HTML ; charset=utf-8"), "text/html"));
    assert_false(media_type_is(SPAN("text/html5"), "text/html"));
    assert_false(media_type_is((struct span){NULL, 0}, "text/html"));
    assert_span(header_parameter(SPAN("form-data; a=1; name=\"x;y=z\"; b"), "name"), "x;y=z");
    assert_span(header_parameter(SPAN("form-data; a=1 ; name=\"x\"; b"), "a"), "1");
    assert_span(header_parameter(SPAN("form-data; b"), "b"), "");
    assert_null(header_parameter(SPAN("form-data; b"), "c").p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_decoded),
        cmocka_unit_test(what_is_no_text_is_malformed),
        cmocka_unit_test(too_many_pairs_are_too_big),
        cmocka_unit_test(a_multipart_form_is_the_same_whatever_the_pieces),
        cmocka_unit_test(a_form_that_breaks_off_is_malformed_and_leaves_no_file),
        cmocka_unit_test(a_file_above_its_bound_is_too_big_and_leaves_no_file),
        cmocka_unit_test(a_file_box_left_empty_is_no_file),
        cmocka_unit_test(parts_without_a_name_and_boundaries_that_are_none_are_malformed),
        cmocka_unit_test(header_values_are_read),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
