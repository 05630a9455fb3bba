/* compress: see the header. Level 1 of both: measured here, brotli-1 takes a third of gzip-1's time and wins
 * on size. */
#include "compress.h"

#include <brotli/encode.h>
#include <zlib.h>

#include "http.h"
#include "log.h"

#define BROTLI_WINDOW 18 /* 256 KiB: a page fits, and 512 KiB of memory do */

const char *coding_name(enum coding c)
{
    static const char *const names[] = {"", "gzip", "br"};

    return names[c];
}

/* "q=0", "q=0.0", "q=0.000" */
static bool is_refused(struct span weight)
{
    weight = http_trimmed(weight);
    if (weight.n < 3 || (weight.p[0] | 32) != 'q' || weight.p[1] != '=')
        return false;
    for (size_t i = 2; i < weight.n; i++)
        if (weight.p[i] != '0' && weight.p[i] != '.')
            return false;
    return true;
}

enum coding coding_pick(struct span h)
{
    enum coding best = CODING_NONE;
    struct span one;

    for (size_t at = 0; http_list_next(h, &at, &one);) {
        struct span weight = {NULL, 0};
        const char *semicolon = memchr(one.p, ';', one.n);
        if (semicolon) {
            weight = (struct span){semicolon + 1, one.n - (size_t)(semicolon - one.p) - 1};
            one.n = (size_t)(semicolon - one.p);
        }
        one = http_trimmed(one);
        if (is_refused(weight))
            continue;
        if (http_name_is(one, "br"))
            best = CODING_BR;
        else if (http_name_is(one, "gzip") && best == CODING_NONE)
            best = CODING_GZIP;
    }
    return best;
}

static bool gzip(struct arena *a, struct span in, struct span *out)
{
    z_stream z = {0};
    uLong room;
    char *p;
    int done;

    MUST(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK && "memory");
    room = deflateBound(&z, (uLong)in.n);
    p = arena_room(a, room);
    z.next_in = (Bytef *)(uintptr_t)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = (Bytef *)p;
    z.avail_out = (uInt)room;
    done = deflate(&z, Z_FINISH);
    *out = (struct span){p, z.total_out};
    (void)deflateEnd(&z);
    return done == Z_STREAM_END;
}

static bool brotli(struct arena *a, struct span in, struct span *out)
{
    size_t n = BrotliEncoderMaxCompressedSize(in.n);
    char *p = arena_room(a, n);

    if (!BrotliEncoderCompress(1, BROTLI_WINDOW, BROTLI_MODE_TEXT, in.n, (const uint8_t *)in.p, &n,
                               (uint8_t *)p))
        return false;
    *out = (struct span){p, n};
    return true;
}

bool compress_text(struct arena *a, enum coding c, struct span in, struct span *out)
{
    if (c == CODING_NONE || in.n < COMPRESS_MIN || in.n > COMPRESS_MAX)
        return false;
    if (!(c == CODING_BR ? brotli(a, in, out) : gzip(a, in, out)))
        return false;
    return out->n < in.n;
}
