/* conf_text: see the header. */
#include "conf_text.h"

#include <stdio.h>

#include "errors.h"
#include "log.h"

#define TEXT_BYTES_DEFAULT 4096

struct unit {
    char letter;
    int64_t factor;
};
static const struct unit byte_units[] = {{'K', 1024},
                                         {'M', 1024 * 1024},
                                         {'G', 1024 * 1024 * 1024},
                                         {'T', (int64_t)1024 * 1024 * 1024 * 1024},
                                         {0, 0}};
static const struct unit time_units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {0, 0}};
static const struct unit no_units[] = {{0, 0}};

/* Digits, a sign in front, one unit behind; false when it is something else or does not fit. */
static bool number_read(const char *text, const struct unit *units, int64_t *number)
{
    bool is_negative = *text == '-';
    int64_t value = 0;

    text += is_negative;
    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *text - '0', &value))
            return false;
    for (; units->letter; units++) {
        if (*text != units->letter)
            continue;
        if (__builtin_mul_overflow(value, units->factor, &value))
            return false;
        text++;
        break;
    }
    *number = is_negative ? -value : value;
    return *text == '\0';
}

static bool boolean_read(const char *text, int64_t *number)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            *number = i % 2;
            return true;
        }
    }
    return false;
}

static int text_check(const struct conf_item *item, const char *text, char why[CONF_WHY_BYTES])
{
    int64_t n = (int64_t)strlen(text), max = item->max ? item->max : TEXT_BYTES_DEFAULT;

    if (n >= item->min && n <= max)
        return 0;
    if (n == 0)
        (void)snprintf(why, CONF_WHY_BYTES, "must not be empty");
    else if (n < item->min)
        (void)snprintf(why, CONF_WHY_BYTES, "must have at least %lld characters", (long long)item->min);
    else
        (void)snprintf(why, CONF_WHY_BYTES, "must have at most %lld characters", (long long)max);
    return ERR_INVALID;
}

static int range_check(const struct conf_item *item, int64_t number, char why[CONF_WHY_BYTES])
{
    if (number >= item->min && number <= item->max)
        return 0;
    (void)snprintf(why, CONF_WHY_BYTES, "must be between %lld and %lld%s", (long long)item->min,
                   (long long)item->max,
                   item->type == CONF_BYTES     ? " bytes"
                   : item->type == CONF_SECONDS ? " seconds"
                                                : "");
    return ERR_INVALID;
}

int conf_value_read(const struct conf_item *item, const char *text, int64_t *number, char why[CONF_WHY_BYTES])
{
    int64_t value = 0;
    const char *need = NULL;

    switch (item->type) {
    case CONF_STR:
    case CONF_SECRET:
        return text_check(item, text, why);
    case CONF_BOOL:
        need = boolean_read(text, &value) ? NULL : "must be yes or no";
        break;
    case CONF_INT:
        need = number_read(text, no_units, &value) ? NULL : "must be a whole number";
        break;
    case CONF_BYTES:
        need = number_read(text, byte_units, &value) ? NULL : "must be a size such as 4096, 10M or 4G";
        break;
    case CONF_SECONDS:
        need = number_read(text, time_units, &value) ? NULL : "must be a time such as 30s, 5m, 2h or 7d";
        break;
    }
    if (need) {
        (void)snprintf(why, CONF_WHY_BYTES, "%s", need);
        return ERR_INVALID;
    }
    if (item->type != CONF_BOOL && range_check(item, value, why))
        return ERR_INVALID;
    *number = value;
    return 0;
}

void conf_env_name(const char *key, char out[CONF_KEY_BYTES + 8])
{
    size_t n = strlen(key);

    MUST(n < CONF_KEY_BYTES);
    memcpy(out, "LOOKIT_", 7);
    for (size_t i = 0; i <= n; i++) {
        char c = key[i];
        out[7 + i] = c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
}

void conf_key_of_env(const char *name, char out[128])
{
    size_t i = 0;

    for (; name[i] && i < 127; i++) {
        char c = name[i];
        out[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    out[i] = '\0';
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t conf_distance(const char *a, const char *b)
{
    size_t an = strnlen(a, CONF_KEY_BYTES - 1), bn = strnlen(b, CONF_KEY_BYTES - 1);
    size_t rows[3][CONF_KEY_BYTES];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= bn; j++)
        above[j] = before[j] = j;
    for (size_t i = 1; i <= an; i++) {
        size_t *oldest = before;
        row[0] = i;
        for (size_t j = 1; j <= bn; j++) {
            row[j] = smaller(above[j - 1] + (a[i - 1] != b[j - 1]), smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        before = above;
        above = row;
        row = oldest;
    }
    return above[bn];
}
