/* clock: see the header. The calendar is the proleptic Gregorian one, computed here: no time zone files, no
 * locale. */
#include "clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "errors.h"
#include "log.h"

#define US_PER_S ((int64_t)1000000)
#define S_PER_DAY ((int64_t)86400)
#define US_MIN ((int64_t)-62167219200 * US_PER_S)     /* 0000-01-01T00:00:00Z */
#define US_MAX ((int64_t)253402300800 * US_PER_S - 1) /* the end of 9999 */

static _Atomic int64_t frozen_us;

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Thu", "Fri", "Sat", "Sun",
                                        "Mon", "Tue", "Wed"}; /* 1970-01-01: Thursday */

struct civil {
    int year, month, day, hour, minute, second, us, weekday;
};

static int64_t now_us(clockid_t which)
{
    struct timespec t;

    MUST(clock_gettime(which, &t) == 0);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

int64_t clock_us(void)
{
    int64_t us = atomic_load_explicit(&frozen_us, memory_order_relaxed);

    return us ? us : now_us(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

void clock_freeze(int64_t us)
{
    atomic_store(&frozen_us, us);
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days before the first of January of year (>= 0), counted from 0000-01-01. */
static int64_t days_before_year(int64_t year)
{
    return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

static int64_t civil_us(const struct civil *c)
{
    int64_t days = days_before_year(c->year) - days_before_year(1970) + c->day - 1;

    for (int month = 1; month < c->month; month++)
        days += month_days(c->year, month);
    return ((days * 24 + c->hour) * 60 + c->minute) * 60 * US_PER_S + c->second * US_PER_S + c->us;
}

/* Times outside the years 0 to 9999 are moved to the nearest one that can be written. */
static struct civil civil_of(int64_t us)
{
    struct civil c = {0};
    int64_t days, rest;

    us = us < US_MIN ? US_MIN : us > US_MAX ? US_MAX : us;
    us -= US_MIN;
    days = us / (S_PER_DAY * US_PER_S);
    rest = us % (S_PER_DAY * US_PER_S);
    c.weekday = (int)((days + 2) % 7); /* 0000-01-01 was a Saturday */
    c.year = (int)(days * 400 / 146097);
    while (days_before_year(c.year) > days)
        c.year--;
    while (days_before_year(c.year + 1) <= days)
        c.year++;
    days -= days_before_year(c.year);
    for (c.month = 1; days >= month_days(c.year, c.month); c.month++)
        days -= month_days(c.year, c.month);
    c.day = (int)days + 1;
    c.us = (int)(rest % US_PER_S);
    rest /= US_PER_S;
    c.second = (int)(rest % 60);
    c.minute = (int)(rest / 60 % 60);
    c.hour = (int)(rest / 3600);
    return c;
}

size_t clock_rfc3339(int64_t us, char out[32])
{
    struct civil c = civil_of(us);

    return (size_t)snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour,
                            c.minute, c.second, c.us);
}

size_t clock_http(int64_t us, char out[32])
{
    struct civil c = civil_of(us);

    return (size_t)snprintf(out, 32, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[c.weekday], c.day,
                            month_names[c.month - 1], c.year, c.hour, c.minute, c.second);
}

/* ---- reading ---- */

/* Takes exactly `digits` digits. */
static bool take_number(struct span *s, size_t digits, int *out)
{
    int value = 0;

    if (s->n < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        value = value * 10 + (s->p[i] - '0');
    }
    *s = (struct span){s->p + digits, s->n - digits};
    *out = value;
    return true;
}

static bool take_char(struct span *s, const char *any_of)
{
    if (s->n == 0 || s->p[0] == '\0' || !strchr(any_of, s->p[0]))
        return false;
    *s = (struct span){s->p + 1, s->n - 1};
    return true;
}

static bool take_word(struct span *s, const char *word)
{
    size_t n = strlen(word);

    if (s->n < n || memcmp(s->p, word, n) != 0)
        return false;
    *s = (struct span){s->p + n, s->n - n};
    return true;
}

/* One digit or more; microseconds count, finer digits are dropped. */
static bool take_fraction(struct span *s, int *us)
{
    int value = 0, digits = 0, digit;

    while (take_number(s, 1, &digit)) {
        if (digits < 6) {
            value = value * 10 + digit;
            digits++;
        }
    }
    if (digits == 0)
        return false;
    for (; digits < 6; digits++)
        value *= 10;
    *us = value;
    return true;
}

/* Z, +hh:mm or -hh:mm. */
static bool take_offset(struct span *s, int *minutes)
{
    bool is_west = s->n && s->p[0] == '-';
    int hour, minute;

    *minutes = 0;
    if (take_char(s, "Zz"))
        return true;
    if (!take_char(s, "+-") || !take_number(s, 2, &hour) || !take_char(s, ":") ||
        !take_number(s, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *minutes = (is_west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

/* Second 60 is a leap second (RFC 3339 5.7): it becomes the second after it. */
static bool civil_is_sane(const struct civil *c)
{
    return c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= month_days(c->year, c->month) &&
           c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

int clock_parse(struct span text, int64_t *us)
{
    struct civil c = {0};
    int offset = 0;

    if (!take_number(&text, 4, &c.year) || !take_char(&text, "-") || !take_number(&text, 2, &c.month) ||
        !take_char(&text, "-") || !take_number(&text, 2, &c.day))
        return ERR_MALFORMED;
    if (text.n) {
        if (!take_char(&text, "Tt ") || !take_number(&text, 2, &c.hour) || !take_char(&text, ":") ||
            !take_number(&text, 2, &c.minute) || !take_char(&text, ":") || !take_number(&text, 2, &c.second))
            return ERR_MALFORMED;
        if (take_char(&text, ".") && !take_fraction(&text, &c.us))
            return ERR_MALFORMED;
        if (!take_offset(&text, &offset) || text.n)
            return ERR_MALFORMED;
    }
    if (!civil_is_sane(&c))
        return ERR_MALFORMED;
    *us = civil_us(&c) - offset * 60 * US_PER_S;
    return 0;
}

/* The name's index in names, or -1. */
static int take_name(struct span *s, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (take_word(s, names[i]))
            return i;
    return -1;
}

int clock_http_parse(struct span text, int64_t *us)
{
    struct civil c = {0};
    int month;

    if (take_name(&text, day_names, 7) < 0 || !take_word(&text, ", ") || !take_number(&text, 2, &c.day) ||
        !take_char(&text, " "))
        return ERR_MALFORMED;
    month = take_name(&text, month_names, 12);
    if (month < 0 || !take_char(&text, " ") || !take_number(&text, 4, &c.year) || !take_char(&text, " ") ||
        !take_number(&text, 2, &c.hour) || !take_char(&text, ":") || !take_number(&text, 2, &c.minute) ||
        !take_char(&text, ":") || !take_number(&text, 2, &c.second) || !take_word(&text, " GMT") || text.n)
        return ERR_MALFORMED;
    c.month = month + 1;
    if (!civil_is_sane(&c))
        return ERR_MALFORMED;
    *us = civil_us(&c);
    return 0;
}
