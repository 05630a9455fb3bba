/* NEEDS: database */
/* The picture of an account: taken apart as any reader of PNG would (RFC 2083), down to its pixels. */
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "desk.h"

#define SIDE 64
#define LINE (1 + 4 * SIDE)
#define HEAD "data:image/png;base64,"

struct picture {
    const char *uuid;
    uint8_t green, blue;
    const char *rows[5];
};

/* By the recipe; and one that the reference made. */
static const struct picture pictures[] = {
    {"00112233-4455-6677-8899-aabbccddeeff", 80, 140, {"XX.XX", ".X.X.", "X.X.X", "XX.XX", "X.X.X"}},
    {"65061477-bd53-4a47-8612-0ed80c1e5aa4", 80, 110, {"X...X", "X...X", "XX.XX", "XX.XX", "XXXXX"}},
};

static uint8_t png[8192], pixels[SIDE * LINE];
static size_t png_n;

static uint32_t number(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t six_bits(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;

    assert_non_null(at);
    return (uint8_t)(at - alphabet);
}

static void base64_read(const char *text)
{
    uint32_t bits = 0;
    int have = 0;

    for (png_n = 0; *text && *text != '='; text++) {
        bits = bits << 6 | six_bits(*text);
        have += 6;
        if (have >= 8) {
            have -= 8;
            assert_true(png_n < sizeof png);
            png[png_n++] = (uint8_t)(bits >> have);
        }
    }
}

/* Checks every chunk, and inflates the picture, whose checksum zlib looks at. */
static void picture_read(const char *url)
{
    static const uint8_t head[] = {0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 6, 0, 0, 0}; /* 8 bits of RGBA */
    uLongf pixels_n = sizeof pixels;
    size_t at = 8;

    assert_int_equal(strncmp(url, HEAD, strlen(HEAD)), 0);
    base64_read(url + strlen(HEAD));
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    while (at < png_n) {
        uint32_t n = number(png + at);
        assert_true(at + 12 + n <= png_n);
        assert_int_equal(crc32(0, png + at + 4, 4 + n), number(png + at + 8 + n));
        if (memcmp(png + at + 4, "IHDR", 4) == 0)
            assert_memory_equal(png + at + 8, head, sizeof head);
        if (memcmp(png + at + 4, "IDAT", 4) == 0)
            assert_int_equal(uncompress(pixels, &pixels_n, png + at + 8, n), Z_OK);
        at += 12 + n;
    }
    assert_int_equal(pixels_n, sizeof pixels);
}

static void a_picture_is_five_by_five_cells_of_one_colour(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        const struct picture *p = &pictures[i];
        const uint8_t full[4] = {0, p->green, p->blue, 255}, empty[4] = {0};
        picture_read(desk_text("select identicon('%s')", p->uuid));
        for (size_t y = 0; y < SIDE; y++) {
            assert_int_equal(pixels[y * LINE], 0);
            for (size_t x = 0; x < SIDE; x++) {
                bool is_full = x < 60 && y < 60 && p->rows[y / 12][x / 12] == 'X';
                assert_memory_equal(&pixels[y * LINE + 1 + 4 * x], is_full ? full : empty, 4);
            }
        }
    }
}

static void any_picture_is_whole(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        picture_read(desk_text("select identicon(md5('%d')::uuid)", i));
}

static void an_account_has_its_picture_from_the_start(void **state)
{
    int64_t id = desk_account("ann@example.org", false);

    (void)state;
    assert_string_equal(
        desk_text("select identicon = identicon(uuid) from account where id = %lld", (long long)id), "true");
}

static void one_that_is_missing_is_shown_and_not_written(void **state)
{
    int64_t id =
        desk_sql("insert into account (username, password) values ('bob@example.org', '!') returning id");

    (void)state;
    (void)desk_sql("update account set identicon = '' where id = %lld returning id", (long long)id);
    assert_string_equal(
        desk_text("select api_user(a, '', false) #>> '{attributes,identicon}' = identicon(uuid) and "
                  "identicon = '' from account a where id = %lld",
                  (long long)id),
        "true");
}

static void one_that_was_taken_over_stays(void **state)
{
    (void)state;
    assert_string_equal(desk_text("insert into account (username, password, identicon) values "
                                  "('eve@example.org', '!', 'data:,x') returning identicon"),
                        "data:,x");
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_is_five_by_five_cells_of_one_colour),
        cmocka_unit_test(any_picture_is_whole),
        cmocka_unit_test(an_account_has_its_picture_from_the_start),
        cmocka_unit_test(one_that_is_missing_is_shown_and_not_written),
        cmocka_unit_test(one_that_was_taken_over_stays),
    };

    return cmocka_run_group_tests_name("identicon", tests, start, NULL);
}
