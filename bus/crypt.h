/* crypt: the one door to OpenSSL and libsodium. */
#ifndef LOOKIT_CRYPT_H
#define LOOKIT_CRYPT_H

#include "types.h"

/* Before any thread; aborts when the libraries cannot start. Calling it again is harmless. */
void crypt_init(void);

void crypt_random(void *out, size_t n); /* aborts when the kernel has none */
struct uuid crypt_uuid(void);           /* RFC 4122 version 4 */

void crypt_sha256(struct span in, uint8_t out[32]);
void crypt_sha512(struct span in, uint8_t out[64]);
void crypt_hmac_sha256(struct span key, struct span in, uint8_t out[32]);
void crypt_hmac_sha1(struct span key, struct span in,
                     uint8_t out[20]);                    /* TOTP (RFC 6238), Pipe's webhook: nothing new */
bool crypt_equal(const void *a, const void *b, size_t n); /* constant time */

/* Running digest for streams: sha256, sha1 (tus), md5 (S3 etags). */
enum digest { DIGEST_SHA256, DIGEST_SHA1, DIGEST_MD5 };
struct crypt_digest;
struct crypt_digest *crypt_digest_new(enum digest kind);
void crypt_digest_add(struct crypt_digest *d, struct span in);
size_t crypt_digest_end(struct crypt_digest *d,
                        uint8_t out[32]); /* bytes written: 32, 20, 16; d starts anew */
void crypt_digest_free(struct crypt_digest **d);

/* argon2id, OWASP m=19 MiB t=2 p=1, PHC text. About 20 ms: never on the HTTP loop. out is terminated. */
void crypt_password_hash(struct span password, char out[128]);
/* True on match. Understands argon2id (any parameters, bounded: m <= 64 MiB, t <= 10) and Django's
 * pbkdf2_sha256$iter$salt$b64 (iterations <= 2 million). A tenth of a second and more for the latter. stale
 * may be NULL; *stale = the hash should be made anew with today's parameters. Wrong format: false. */
bool crypt_password_ok(struct span password, struct span hash, bool *stale);

/* Text forms. hex: lower case. base64: RFC 4648 standard with padding; base64url: without. What is written is
 * terminated; cap says the room, the 0 included, and too little is a bug (MUST). The length is returned
 * without the 0. Reading is strict (no white space, right padding, no stray bits: RFC 4648 3.5):
 * ERR_MALFORMED; ERR_TOOBIG: more than cap. */
size_t crypt_hex(struct span in, char *out, size_t cap);
int crypt_hex_read(struct span text, uint8_t *out, size_t cap, size_t *n) MUST_CHECK;
size_t crypt_base64(struct span in, char *out, size_t cap);
int crypt_base64_read(struct span text, uint8_t *out, size_t cap, size_t *n) MUST_CHECK;
size_t crypt_base64url(struct span in, char *out, size_t cap);
int crypt_base64url_read(struct span text, uint8_t *out, size_t cap, size_t *n) MUST_CHECK;

/* uuid text (RFC 4122 section 3), lower case with hyphens, 36 characters + 0. Reading accepts any case with
 * hyphens, or 32 hex digits; else ERR_MALFORMED. */
void uuid_text(const struct uuid *u, char out[37]);
int uuid_read(struct span text, struct uuid *u) MUST_CHECK;

#endif
