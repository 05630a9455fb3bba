#include "range.h"

#include "clock.h"
#include "http.h"

static bool read_number(struct span *s, uint64_t *out)
{
    size_t n = 0;
    uint64_t v = 0;

    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9') {
        if (n == 18)
            return false;
        v = v * 10 + (uint64_t)(s->p[n++] - '0');
    }
    s->p += n;
    s->n -= n;
    *out = v;
    return n > 0;
}

enum range_outcome range_pick(struct span h, uint64_t size, uint64_t *from, uint64_t *bytes)
{
    uint64_t first = 0, last = 0;
    bool has_first, has_last;

    *from = 0;
    *bytes = size;
    if (h.n < 7 || memcmp(h.p, "bytes=", 6) != 0)
        return RANGE_WHOLE;
    h = (struct span){h.p + 6, h.n - 6};
    has_first = read_number(&h, &first);
    if (h.n == 0 || h.p[0] != '-')
        return RANGE_WHOLE;
    h = (struct span){h.p + 1, h.n - 1};
    has_last = read_number(&h, &last);
    if (h.n || (!has_first && !has_last) || (has_first && has_last && last < first))
        return RANGE_WHOLE;
    if (!has_first) { /* the last so many */
        if (last == 0 || size == 0)
            return RANGE_UNSATISFIABLE;
        *bytes = last < size ? last : size;
        *from = size - *bytes;
        return RANGE_PART;
    }
    if (first >= size)
        return RANGE_UNSATISFIABLE;
    *from = first;
    *bytes = (has_last && last < size - 1 ? last : size - 1) - first + 1;
    return RANGE_PART;
}

/* Does the list of an If-None-Match hold the tag? */
static bool list_has(struct span list, struct span tag)
{
    struct span one;

    for (size_t at = 0; http_list_next(list, &at, &one);) {
        if (span_is(one, "*"))
            return true;
        if (one.n > 2 && one.p[0] == 'W' && one.p[1] == '/')
            one.p += 2, one.n -= 2;
        if (one.n == tag.n + 2 && one.p[0] == '"' && one.p[one.n - 1] == '"' &&
            memcmp(one.p + 1, tag.p, tag.n) == 0)
            return true;
    }
    return false;
}

bool range_is_fresh(struct span if_none_match, struct span if_modified_since, struct span tag,
                    int64_t modified_us)
{
    int64_t since;

    if (if_none_match.p)
        return tag.n && list_has(if_none_match, tag);
    /* the header knows whole seconds only */
    return if_modified_since.p && modified_us > 0 && !clock_http_parse(if_modified_since, &since) &&
           modified_us / 1000000 <= since / 1000000;
}

bool range_still_fits(struct span if_range, struct span tag, int64_t modified_us)
{
    int64_t date;

    if (!if_range.p)
        return true;
    if (if_range.n > 1 && if_range.p[0] == '"')
        return tag.n && if_range.n == tag.n + 2 && memcmp(if_range.p + 1, tag.p, tag.n) == 0;
    return modified_us > 0 && !clock_http_parse(if_range, &date) && modified_us / 1000000 == date / 1000000;
}
