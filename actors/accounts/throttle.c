/* throttle: see the header. Keys are kept as the first half of their SHA-256, so no address rests in memory.
 */
#include "throttle.h"

#include <stdlib.h>

#include "crypt.h"
#include "log.h"

#define SLOTS 4096u
#define WAYS 8u /* places that one key may take */

struct slot {
    uint8_t key[16];
    int64_t since_ms;
    uint32_t failures;
};

struct throttle {
    struct slot slot[SLOTS];
};

struct throttle *throttle_new(void)
{
    struct throttle *t = calloc(1, sizeof *t);

    MUST(t);
    return t;
}

void throttle_free(struct throttle **t)
{
    free(*t);
    *t = NULL;
}

/* Written in another case it is the same mail address, and the same account. */
static size_t home_of(struct span key, uint8_t digest[32])
{
    char lower[THROTTLE_KEY_MAX];
    size_t n = key.n < sizeof lower ? key.n : sizeof lower;

    for (size_t i = 0; i < n; i++)
        lower[i] = (char)(key.p[i] >= 'A' && key.p[i] <= 'Z' ? key.p[i] + 32 : key.p[i]);
    crypt_sha256((struct span){lower, n}, digest);
    return ((size_t)digest[30] << 8 | digest[31]) % (SLOTS / WAYS) * WAYS;
}

static const struct slot *slot_find(const struct throttle *t, struct span key)
{
    uint8_t digest[32];
    size_t home = home_of(key, digest);

    for (size_t i = home; i < home + WAYS; i++)
        if (t->slot[i].failures && memcmp(t->slot[i].key, digest, 16) == 0)
            return &t->slot[i];
    return NULL;
}

bool throttle_is_full(const struct throttle *t, struct span key, uint32_t max, int64_t now_ms)
{
    const struct slot *s = slot_find(t, key);

    return s && now_ms - s->since_ms < THROTTLE_WINDOW_MS && s->failures >= max;
}

void throttle_count(struct throttle *t, struct span key, int64_t now_ms)
{
    uint8_t digest[32];
    size_t home = home_of(key, digest);
    struct slot *best = &t->slot[home];

    for (size_t i = home; i < home + WAYS; i++) {
        struct slot *s = &t->slot[i];
        bool is_ours = s->failures && memcmp(s->key, digest, 16) == 0;
        if (is_ours && now_ms - s->since_ms < THROTTLE_WINDOW_MS) {
            if (s->failures < UINT32_MAX)
                s->failures++;
            return;
        }
        if (is_ours || !s->failures || s->since_ms < best->since_ms)
            best = s;
        if (is_ours)
            break;
    }
    *best = (struct slot){.since_ms = now_ms, .failures = 1};
    memcpy(best->key, digest, 16);
}

void throttle_forget(struct throttle *t, struct span key)
{
    struct slot *s = (struct slot *)slot_find(t, key);

    if (s)
        *s = (struct slot){0};
}
