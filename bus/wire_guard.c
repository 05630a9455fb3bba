/* wire_guard: looks over msgpack bytes before msgpack-c does. Counts are compared with the bytes that are
 * left, so nothing is ever reserved for what did not come. Format:
 * github.com/msgpack/msgpack/blob/master/spec.md */
#include "wire.h"

#include "errors.h"

enum shape { SHAPE_BAD, SHAPE_FIXED, SHAPE_BYTES, SHAPE_ARRAY, SHAPE_MAP };

/* Heads 0xc0 to 0xdf: `width` bytes of length follow (or none), then `extra` bytes beside the length's. */
static const struct head_kind {
    uint8_t shape, width, extra;
} head_kinds[32] = {
    {SHAPE_FIXED, 0, 0},  {SHAPE_BAD, 0, 0},
    {SHAPE_FIXED, 0, 0},  {SHAPE_FIXED, 0, 0}, /* nil, never used, false, true */
    {SHAPE_BYTES, 1, 0},  {SHAPE_BYTES, 2, 0},
    {SHAPE_BYTES, 4, 0},  {SHAPE_BYTES, 1, 1}, /* bin 8 16 32, ext 8 */
    {SHAPE_BYTES, 2, 1},  {SHAPE_BYTES, 4, 1},
    {SHAPE_FIXED, 0, 4},  {SHAPE_FIXED, 0, 8}, /* ext 16 32, float 32 64 */
    {SHAPE_FIXED, 0, 1},  {SHAPE_FIXED, 0, 2},
    {SHAPE_FIXED, 0, 4},  {SHAPE_FIXED, 0, 8}, /* uint 8 16 32 64 */
    {SHAPE_FIXED, 0, 1},  {SHAPE_FIXED, 0, 2},
    {SHAPE_FIXED, 0, 4},  {SHAPE_FIXED, 0, 8}, /* int 8 16 32 64 */
    {SHAPE_FIXED, 0, 2},  {SHAPE_FIXED, 0, 3},
    {SHAPE_FIXED, 0, 5},  {SHAPE_FIXED, 0, 9}, /* fixext 1 2 4 8 */
    {SHAPE_FIXED, 0, 17}, {SHAPE_BYTES, 1, 0},
    {SHAPE_BYTES, 2, 0},  {SHAPE_BYTES, 4, 0}, /* fixext 16, str 8 16 32 */
    {SHAPE_ARRAY, 2, 0},  {SHAPE_ARRAY, 4, 0},
    {SHAPE_MAP, 2, 0},    {SHAPE_MAP, 4, 0}, /* array 16 32, map 16 32 */
};

struct head {
    size_t size;       /* bytes of this value without its children */
    uint64_t children; /* values inside it */
    bool is_container;
};

static uint64_t number_read(const unsigned char *p, size_t width)
{
    uint64_t n = 0;

    for (size_t i = 0; i < width; i++)
        n = n << 8 | p[i];
    return n;
}

static int head_read(const unsigned char *p, size_t left, struct head *h)
{
    struct head_kind kind;
    uint64_t n = 0;

    *h = (struct head){.size = 1};
    if (p[0] <= 0x7f || p[0] >= 0xe0)
        return 0;
    if (p[0] < 0xa0) { /* fixmap, fixarray */
        h->is_container = true;
        h->children = (p[0] & 0x0fu) * (p[0] < 0x90 ? 2u : 1u);
        return 0;
    }
    if (p[0] < 0xc0) { /* fixstr */
        h->size += p[0] & 0x1fu;
        return h->size <= left ? 0 : ERR_MALFORMED;
    }
    kind = head_kinds[p[0] - 0xc0];
    if (kind.shape == SHAPE_BAD || left < 1u + kind.width)
        return ERR_MALFORMED;
    n = number_read(p + 1, kind.width);
    h->size += kind.width + (size_t)kind.extra;
    if (kind.shape == SHAPE_ARRAY || kind.shape == SHAPE_MAP) {
        h->is_container = true;
        h->children = kind.shape == SHAPE_MAP ? 2 * n : n;
    } else {
        h->size += (size_t)n; /* at most 4 GiB: cannot wrap */
    }
    return h->size <= left ? 0 : ERR_MALFORMED;
}

int wire_guard(struct span bytes, size_t elements_max)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    uint64_t open[WIRE_DEPTH_MAX];
    size_t depth = 0, at = 0, elements = 0;

    do {
        struct head h;
        int err;
        if (at == bytes.n)
            return ERR_MALFORMED;
        err = head_read(p + at, bytes.n - at, &h);
        if (err)
            return err;
        at += h.size;
        if (++elements > elements_max)
            return ERR_TOOBIG;
        if (depth)
            open[depth - 1]--;
        if (h.is_container) {
            if (h.children > bytes.n - at)
                return ERR_MALFORMED;
            if (depth == WIRE_DEPTH_MAX)
                return ERR_TOOBIG;
            open[depth++] = h.children;
        }
        while (depth && open[depth - 1] == 0)
            depth--;
    } while (depth);
    return at == bytes.n ? 0 : ERR_MALFORMED;
}
