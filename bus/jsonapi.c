/* jsonapi: see the header. */
#include "jsonapi.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_MAX 4300u   /* of a whole number: what Python reads */
#define FRACTION_MAX 16000 /* digits after the point: PostgreSQL's numeric holds 16,383 */
#define PLAIN_MAX 400u     /* shorter ones without an exponent fit everywhere */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct span jsonapi_key(struct arena *a, struct span key)
{
    char *out = arena_get(a, 2 * key.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i], before = i ? key.p[i - 1] : '_';
        bool ends_run = i + 1 < key.n && is_upper(before) && is_lower(key.p[i + 1]);
        if (is_upper(c) && (is_lower(before) || is_digit(before) || ends_run))
            out[n++] = '_';
        out[n++] = c == '-' ? '_' : is_upper(c) ? (char)(c + 32) : c;
    }
    return (struct span){out, n};
}

static bool is_whole(struct span number)
{
    for (size_t i = 0; i < number.n; i++)
        if (number.p[i] == '.' || number.p[i] == 'e' || number.p[i] == 'E')
            return false;
    return true;
}

static double double_of(struct arena *a, struct span number)
{
    return strtod(arena_copy(a, number).p, NULL);
}

/* digits "125", point 1: 1.25. As Python: plain between 1e-4 and 1e16, else with an exponent of two digits.
 */
static struct span number_lay_out(struct arena *a, bool is_negative, const char *digits, size_t n, int point)
{
    const char *sign = is_negative ? "-" : "";

    if (point > 16 || point < -3)
        return n == 1 ? arena_print(a, "%s%.1se%+03d", sign, digits, point - 1)
                      : arena_print(a, "%s%.1s.%.*se%+03d", sign, digits, (int)n - 1, digits + 1, point - 1);
    if (point <= 0)
        return arena_print(a, "%s0.%.*s%.*s", sign, -point, "000", (int)n, digits);
    if ((size_t)point >= n)
        return arena_print(a, "%s%.*s%.*s.0", sign, (int)n, digits, point - (int)n, "0000000000000000");
    return arena_print(a, "%s%.*s.%.*s", sign, point, digits, (int)n - point, digits + point);
}

struct span jsonapi_number(struct arena *a, struct span number)
{
    char text[40], digits[20];
    size_t n = 0;
    double v;
    int precision = 1;

    if (is_whole(number))
        return span_is(number, "-0") ? SPAN("0") : number;
    v = double_of(a, number);
    if (isinf(v))
        return (struct span){NULL, 0};
    if (v == 0)
        return signbit(v) ? SPAN("-0.0") : SPAN("0.0");
    do
        (void)snprintf(text, sizeof text, "%.*e", precision - 1, fabs(v));
    while (strtod(text, NULL) != fabs(v) && ++precision <= 17);
    for (const char *p = text; *p != 'e'; p++)
        if (is_digit(*p) && n < sizeof digits)
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    return number_lay_out(a, v < 0, digits, n, (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1);
}

bool jsonapi_number_fits(struct span number)
{
    const char *point = memchr(number.p, '.', number.n), *end = number.p + number.n, *e = number.p;
    char text[PLAIN_MAX + 1];
    long exponent = 0;

    if (is_whole(number))
        return number.n <= DIGITS_MAX;
    if (number.n > PLAIN_MAX)
        return false;
    memcpy(text, number.p, number.n);
    text[number.n] = 0;
    while (e < end && *e != 'e' && *e != 'E')
        e++;
    if (e < end)
        exponent = strtol(text + (e - number.p) + 1, NULL, 10);
    if (isinf(strtod(text, NULL)))
        return false;
    return exponent > -FRACTION_MAX + (point ? (long)PLAIN_MAX : 0) && exponent < FRACTION_MAX;
}

/* Bytes of the blank at p, as Python counts blanks; 0: there is none. */
static size_t blank_at(const char *p, size_t n)
{
    static const char *const blanks[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
                                         "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    unsigned char c = (unsigned char)p[0];

    if ((c >= 9 && c <= 13) || (c >= 28 && c <= 32))
        return 1;
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        if (n >= strlen(blanks[i]) && memcmp(p, blanks[i], strlen(blanks[i])) == 0)
            return strlen(blanks[i]);
    /* U+2000 to U+200A */
    return n >= 3 && memcmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] >= 0x80 &&
                   (unsigned char)p[2] <= 0x8a
               ? 3
               : 0;
}

struct span jsonapi_strip(struct span s)
{
    size_t blank;

    while (s.n && (blank = blank_at(s.p, s.n)) > 0)
        s.p += blank, s.n -= blank;
    while (s.n) {
        for (blank = 1; blank <= 3; blank++)
            if (blank <= s.n && blank_at(s.p + s.n - blank, blank) == blank)
                break;
        if (blank > 3)
            break;
        s.n -= blank;
    }
    return s;
}
