#include "csrf.h"

#include "crypt.h"

#define NONCE 12u

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
#define LETTERS 62u

/* The place of c, without a branch that depends on where it is; LETTERS when it is none. */
static unsigned place_of(char c)
{
    unsigned found = LETTERS;

    for (unsigned i = 0; i < LETTERS; i++) {
        unsigned differs = (unsigned)(unsigned char)alphabet[i] ^ (unsigned)(unsigned char)c;
        unsigned is_same = (differs - 1) >> 31; /* 1 when equal */
        found = found * (1 - is_same) + i * is_same;
    }
    return found;
}

static void random_letters(char *out, size_t n)
{
    uint8_t bytes[64];
    size_t have = 0;

    while (have < n) {
        crypt_random(bytes, sizeof bytes);
        for (size_t i = 0; i < sizeof bytes && have < n; i++)
            if (bytes[i] < 4 * LETTERS) /* the rest would make some letters likelier */
                out[have++] = alphabet[bytes[i] % LETTERS];
    }
}

static void seal(const uint8_t key[32], struct span session, const char *nonce, char *out)
{
    static const char purpose[] = "csrf 1";
    uint8_t mac[32];
    char text[sizeof purpose + NONCE + 32];
    size_t n = session.n <= 32 ? session.n : 32;

    memcpy(text, purpose, sizeof purpose);
    memcpy(text + sizeof purpose, nonce, NONCE);
    if (n)
        memcpy(text + sizeof purpose + NONCE, session.p, n);
    crypt_hmac_sha256((struct span){(const char *)key, 32}, (struct span){text, sizeof purpose + NONCE + n},
                      mac);
    for (size_t i = 0; i < CSRF_TOKEN - NONCE; i++)
        out[i] = alphabet[mac[i] % LETTERS];
}

void csrf_make(const uint8_t key[32], struct span session, char out[CSRF_TOKEN + 1])
{
    random_letters(out, NONCE);
    seal(key, session, out, out + NONCE);
    out[CSRF_TOKEN] = 0;
}

bool csrf_is_ours(const uint8_t key[32], struct span session, struct span token)
{
    char due[CSRF_TOKEN - NONCE];

    if (token.n != CSRF_TOKEN)
        return false;
    seal(key, session, token.p, due);
    return crypt_equal(due, token.p + NONCE, sizeof due);
}

void csrf_mask(const char token[CSRF_TOKEN], char out[CSRF_MASKED + 1])
{
    random_letters(out, CSRF_TOKEN);
    for (size_t i = 0; i < CSRF_TOKEN; i++)
        out[CSRF_TOKEN + i] = alphabet[(place_of(token[i]) + place_of(out[i])) % LETTERS];
    out[CSRF_MASKED] = 0;
}

bool csrf_is_same(struct span cookie, struct span given)
{
    char plain[CSRF_TOKEN];

    if (cookie.n != CSRF_TOKEN)
        return false;
    if (given.n == CSRF_MASKED) {
        for (size_t i = 0; i < CSRF_TOKEN; i++) {
            unsigned mask = place_of(given.p[i]), cipher = place_of(given.p[CSRF_TOKEN + i]);
            if (mask == LETTERS || cipher == LETTERS)
                return false;
            plain[i] = alphabet[(cipher + LETTERS - mask) % LETTERS];
        }
        given = (struct span){plain, CSRF_TOKEN};
    }
    return given.n == CSRF_TOKEN && crypt_equal(given.p, cookie.p, CSRF_TOKEN);
}

bool csrf_origin_is_ours(struct span site, struct span origin, struct span referer)
{
    if (origin.p)
        return span_same(origin, site);
    if (site.n < 8 || memcmp(site.p, "https://", 8) != 0)
        return true;
    return referer.n > site.n && memcmp(referer.p, site.p, site.n) == 0 && referer.p[site.n] == '/';
}
