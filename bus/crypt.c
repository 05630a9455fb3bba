/* crypt: see the header. Digests and MACs are OpenSSL's (they use the processor's SHA instructions);
 * argon2id, random bytes and text forms are libsodium's. */
#include "crypt.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "errors.h"
#include "log.h"

/* Fetched once: looking an algorithm up by name on every call costs more than a short digest. */
static EVP_MD *sha256, *sha512, *sha1, *md5;

static void start(void)
{
    MUST(sodium_init() >= 0);
    MUST((sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)));
    MUST((sha512 = EVP_MD_fetch(NULL, "SHA512", NULL)));
    MUST((sha1 = EVP_MD_fetch(NULL, "SHA1", NULL)));
    MUST((md5 = EVP_MD_fetch(NULL, "MD5", NULL)));
}

void crypt_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    MUST(pthread_once(&once, start) == 0);
}

void crypt_random(void *out, size_t n)
{
    randombytes_buf(out, n);
}

struct uuid crypt_uuid(void)
{
    struct uuid u;

    crypt_random(u.b, sizeof u.b);
    u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x40);
    u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
    return u;
}

void crypt_sha256(struct span in, uint8_t out[32])
{
    crypt_init();
    MUST(EVP_Digest(in.p, in.n, out, NULL, sha256, NULL) == 1);
}

void crypt_sha512(struct span in, uint8_t out[64])
{
    crypt_init();
    MUST(EVP_Digest(in.p, in.n, out, NULL, sha512, NULL) == 1);
}

static void hmac(const EVP_MD *md, struct span key, struct span in, uint8_t *out)
{
    MUST(key.n <= INT_MAX);
    MUST(HMAC(md, key.n ? key.p : "", (int)key.n, (const unsigned char *)in.p, in.n, out, NULL));
}

void crypt_hmac_sha256(struct span key, struct span in, uint8_t out[32])
{
    crypt_init();
    hmac(sha256, key, in, out);
}

void crypt_hmac_sha1(struct span key, struct span in, uint8_t out[20])
{
    crypt_init();
    hmac(sha1, key, in, out);
}

bool crypt_equal(const void *a, const void *b, size_t n)
{
    return n == 0 || CRYPTO_memcmp(a, b, n) == 0;
}

/* ---- running digests ---- */

struct crypt_digest {
    EVP_MD_CTX *ctx;
    const EVP_MD *md;
};

static const EVP_MD *digest_md(enum digest kind)
{
    switch (kind) {
    case DIGEST_SHA256:
        return sha256;
    case DIGEST_SHA1:
        return sha1;
    case DIGEST_MD5:
        return md5;
    }
    return NULL;
}

struct crypt_digest *crypt_digest_new(enum digest kind)
{
    struct crypt_digest *d = malloc(sizeof *d);

    crypt_init();
    MUST(d && "memory");
    *d = (struct crypt_digest){EVP_MD_CTX_new(), digest_md(kind)};
    MUST(d->ctx && d->md && EVP_DigestInit_ex(d->ctx, d->md, NULL) == 1);
    return d;
}

void crypt_digest_add(struct crypt_digest *d, struct span in)
{
    MUST(EVP_DigestUpdate(d->ctx, in.p, in.n) == 1);
}

size_t crypt_digest_end(struct crypt_digest *d, uint8_t out[32])
{
    unsigned n = 0;

    MUST(EVP_MD_get_size(d->md) <= 32);
    MUST(EVP_DigestFinal_ex(d->ctx, out, &n) == 1);
    MUST(EVP_DigestInit_ex(d->ctx, d->md, NULL) == 1);
    return n;
}

void crypt_digest_free(struct crypt_digest **d)
{
    if (!*d)
        return;
    EVP_MD_CTX_free((*d)->ctx);
    free(*d);
    *d = NULL;
}

/* ---- text forms ---- */

size_t crypt_hex(struct span in, char *out, size_t cap)
{
    MUST(in.n < SIZE_MAX / 2 && cap > in.n * 2);
    (void)sodium_bin2hex(out, cap, (const unsigned char *)in.p, in.n);
    return in.n * 2;
}

int crypt_hex_read(struct span text, uint8_t *out, size_t cap, size_t *n)
{
    *n = 0;
    if (text.n / 2 > cap)
        return ERR_TOOBIG;
    return sodium_hex2bin(out, cap, text.p, text.n, NULL, n, NULL) == 0 ? 0 : ERR_MALFORMED;
}

static size_t base64_write(struct span in, char *out, size_t cap, int variant)
{
    MUST(in.n < SIZE_MAX / 2 && cap >= sodium_base64_encoded_len(in.n, variant));
    (void)sodium_bin2base64(out, cap, (const unsigned char *)in.p, in.n, variant);
    return strlen(out);
}

static int base64_read(struct span text, uint8_t *out, size_t cap, size_t *n, int variant)
{
    size_t padding = 0;

    *n = 0;
    while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
        padding++;
    if ((text.n - padding) / 4 * 3 + (text.n - padding) % 4 * 3 / 4 > cap)
        return ERR_TOOBIG;
    return sodium_base642bin(out, cap, text.p, text.n, NULL, n, NULL, variant) == 0 ? 0 : ERR_MALFORMED;
}

size_t crypt_base64(struct span in, char *out, size_t cap)
{
    return base64_write(in, out, cap, sodium_base64_VARIANT_ORIGINAL);
}

int crypt_base64_read(struct span text, uint8_t *out, size_t cap, size_t *n)
{
    return base64_read(text, out, cap, n, sodium_base64_VARIANT_ORIGINAL);
}

size_t crypt_base64url(struct span in, char *out, size_t cap)
{
    return base64_write(in, out, cap, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int crypt_base64url_read(struct span text, uint8_t *out, size_t cap, size_t *n)
{
    return base64_read(text, out, cap, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Where the hyphens stand. */
static bool is_hyphen(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

void uuid_text(const struct uuid *u, char out[37])
{
    char digits[33];
    const char *next = digits;

    (void)sodium_bin2hex(digits, sizeof digits, u->b, sizeof u->b);
    for (size_t i = 0; i < 36; i++)
        out[i] = is_hyphen(i) ? '-' : *next++;
    out[36] = '\0';
}

int uuid_read(struct span text, struct uuid *u)
{
    char digits[32];
    struct uuid read;
    size_t n = 0;

    if (text.n == 36) {
        for (size_t i = 0; i < 36; i++) {
            if (is_hyphen(i) != (text.p[i] == '-'))
                return ERR_MALFORMED;
            if (!is_hyphen(i))
                digits[n++] = text.p[i];
        }
        text = (struct span){digits, n};
    }
    if (text.n != 32 || sodium_hex2bin(read.b, sizeof read.b, text.p, text.n, NULL, &n, NULL) != 0 ||
        n != sizeof read.b)
        return ERR_MALFORMED;
    *u = read;
    return 0;
}

/* ---- passwords ----
 * Two formats: argon2id, ours, as a PHC string; and Django's pbkdf2_sha256, so that people who come from
 * there keep their password. */

#define ARGON_MEMORY_KIB 19456u /* OWASP password storage cheat sheet: m=19 MiB, t=2, p=1 */
#define ARGON_PASSES 2u
/* What a hash from elsewhere may cost us at most. */
#define ARGON_MEMORY_KIB_MAX 65536u
#define ARGON_PASSES_MAX 10u
#define ARGON_LANES_MAX 16u
#define PBKDF2_ITERATIONS_MAX 2000000u
#define DJANGO_SALT_MAX 128u

void crypt_password_hash(struct span password, char out[128])
{
    _Static_assert(crypto_pwhash_argon2id_STRBYTES == 128, "the size that the header promises");
    crypt_init();
    MUST(crypto_pwhash_argon2id_str(out, password.n ? password.p : "", password.n, ARGON_PASSES,
                                    (size_t)ARGON_MEMORY_KIB * 1024) == 0 &&
         "memory");
}

static bool take_word(struct span *s, const char *word)
{
    size_t n = strlen(word);

    if (s->n < n || memcmp(s->p, word, n) != 0)
        return false;
    *s = (struct span){s->p + n, s->n - n};
    return true;
}

/* A decimal number of 1 to 9 digits. */
static bool take_number(struct span *s, uint32_t *value)
{
    size_t n = 0;

    for (*value = 0; n < s->n && n < 9 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        *value = *value * 10 + (uint32_t)(s->p[n] - '0');
    *s = (struct span){s->p + n, s->n - n};
    return n > 0;
}

/* "$argon2id$v=19$m=19456,t=2,p=1$salt$hash" (PHC string format). The library checks the rest of the form. */
static bool argon2id_ok(struct span password, struct span hash, bool *stale)
{
    char text[crypto_pwhash_argon2id_STRBYTES] = {0};
    struct span s = hash;
    uint32_t m, t, p;

    if (hash.n >= sizeof text)
        return false;
    if (!take_word(&s, "$argon2id$v=19$m=") || !take_number(&s, &m) || !take_word(&s, ",t=") ||
        !take_number(&s, &t) || !take_word(&s, ",p=") || !take_number(&s, &p))
        return false;
    if (m > ARGON_MEMORY_KIB_MAX || t > ARGON_PASSES_MAX || p > ARGON_LANES_MAX || memchr(s.p, '\0', s.n))
        return false;
    memcpy(text, hash.p, hash.n);
    *stale = m != ARGON_MEMORY_KIB || t != ARGON_PASSES || p != 1;
    return crypto_pwhash_argon2id_str_verify(text, password.n ? password.p : "", password.n) == 0;
}

/* "pbkdf2_sha256$600000$salt$base64 of 32 bytes"; the salt is used as the text it is. */
static bool django_ok(struct span password, struct span hash, bool *stale)
{
    uint8_t want[32], got[32];
    struct span s = hash, salt;
    const char *end;
    uint32_t iterations;
    size_t n;

    if (!take_word(&s, "pbkdf2_sha256$") || !take_number(&s, &iterations) || !take_word(&s, "$"))
        return false;
    if (iterations == 0 || iterations > PBKDF2_ITERATIONS_MAX || password.n > INT32_MAX)
        return false;
    end = s.n ? memchr(s.p, '$', s.n) : NULL;
    if (!end || end == s.p || end - s.p > (ptrdiff_t)DJANGO_SALT_MAX)
        return false;
    salt = (struct span){s.p, (size_t)(end - s.p)};
    s = (struct span){end + 1, s.n - salt.n - 1};
    if (crypt_base64_read(s, want, sizeof want, &n) || n != sizeof want)
        return false;
    MUST(PKCS5_PBKDF2_HMAC(password.n ? password.p : "", (int)password.n, (const unsigned char *)salt.p,
                           (int)salt.n, (int)iterations, EVP_sha256(), sizeof got, got) == 1);
    *stale = true;
    return crypt_equal(got, want, sizeof got);
}

bool crypt_password_ok(struct span password, struct span hash, bool *stale)
{
    bool is_old = false, ok;

    crypt_init();
    ok = argon2id_ok(password, hash, &is_old) || django_ok(password, hash, &is_old);
    if (stale)
        *stale = ok && is_old;
    return ok;
}
