/* name: see the header. */
#include "name.h"

#include "crypt.h"
#include "errors.h"

#define FIELDS 6

static bool number_read(struct span s, size_t digits_max, int64_t *out)
{
    *out = 0;
    if (s.n == 0 || s.n > digits_max)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

/* Letters and digits, as in webm or mp4. */
static bool ending_is_good(struct span s)
{
    if (s.n == 0 || s.n > 8)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9')))
            return false;
    return true;
}

int video_name_read(struct span text, struct video_name *out)
{
    struct span field[FIELDS];
    size_t start = 0, n = 0;
    int64_t ms, random;
    const char *dot;

    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != '_')
            continue;
        if (n == FIELDS)
            return ERR_MALFORMED;
        field[n++] = (struct span){text.p + start, i - start};
        start = i + 1;
    }
    if (n != FIELDS || field[2].n == 0)
        return ERR_MALFORMED;
    out->is_consent = span_is(field[0], "consent-videoStream");
    if (!out->is_consent && !span_is(field[0], "videoStream"))
        return ERR_MALFORMED;
    dot = memchr(field[5].p, '.', field[5].n);
    if (!dot)
        return ERR_MALFORMED;
    out->frame = field[2];
    out->ending = (struct span){dot + 1, field[5].n - (size_t)(dot + 1 - field[5].p)};
    if (field[1].n != 36 || uuid_read(field[1], &out->study) || field[3].n != 36 ||
        uuid_read(field[3], &out->response) || !number_read(field[4], 14, &ms) ||
        !number_read((struct span){field[5].p, (size_t)(dot - field[5].p)}, 3, &random) ||
        !ending_is_good(out->ending))
        return ERR_MALFORMED;
    out->made_us = ms * 1000;
    return 0;
}
