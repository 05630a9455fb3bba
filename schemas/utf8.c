/* utf8: see the header. Well-formedness is table 3-7 of the Unicode standard. */
#include "utf8.h"

size_t utf8_length(const unsigned char *p, size_t n)
{
    unsigned char lo = 0x80, hi = 0xbf;
    size_t need;

    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (p[0] == 0xe0)
        lo = 0xa0;
    else if (p[0] == 0xed)
        hi = 0x9f;
    else if (p[0] == 0xf0)
        lo = 0x90;
    else if (p[0] == 0xf4)
        hi = 0x8f;
    if (n < need || p[1] < lo || p[1] > hi)
        return 0;
    for (size_t i = 2; i < need; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return need;
}

#define HIGHS 0x8080808080808080u
#define ONES 0x0101010101010101u

bool utf8_is_text(struct span s)
{
    size_t at = 0;

    while (at < s.n) {
        uint64_t w = HIGHS;
        size_t n;
        if (s.n - at >= 8)
            memcpy(&w, s.p + at, 8);
        if (((w | (w - ONES)) & HIGHS) == 0) { /* eight plain characters, none of them 0 */
            at += 8;
            continue;
        }
        n = utf8_length((const unsigned char *)s.p + at, s.n - at);
        if (n == 0 || s.p[at] == 0)
            return false;
        at += n;
    }
    return true;
}

size_t utf8_characters(struct span text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}
