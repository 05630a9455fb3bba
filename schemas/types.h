/* types: the few plain types that every part of the house shares.
 *
 * Nothing here allocates. A span borrows; whoever hands one out says how long it lives. */
#ifndef LOOKIT_TYPES_H
#define LOOKIT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Leaves the function with the step's error, if it has one. */
#define TRY(step)                                                                                                      \
    do {                                                                                                               \
        int try_err = (step);                                                                                          \
        if (try_err)                                                                                                   \
            return try_err;                                                                                            \
    } while (0)

/* Borrowed bytes. For text: UTF-8, not terminated. {NULL, 0} is "nothing". */
struct span {
    const char *p;
    size_t n;
};

/* RFC 4122 identifier in network order. */
struct uuid {
    uint8_t b[16];
};

#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

static inline struct span span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

static inline bool span_is(struct span s, const char *text)
{
    size_t n = strlen(text);
    return s.n == n && (n == 0 || memcmp(s.p, text, n) == 0);
}

static inline bool span_same(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Below, at or above 0, as the bytes of a come before b's; for UTF-8 that is the order of the characters' numbers. */
static inline int span_order(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

#endif
