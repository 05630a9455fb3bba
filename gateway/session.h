/* session: whose request this is. Cookies, credentials, and the short memory of what `accounts` said about
 * them. */
#ifndef LOOKIT_SESSION_H
#define LOOKIT_SESSION_H

#include "arena.h"
#include "http.h"

#define SESSION_COOKIE "sessionid"
#define CSRF_COOKIE "csrftoken"
#define FLASH_COOKIE "flash"
#define SESSION_KEEP_MS 5000   /* how long an answer of accounts is believed */
#define SESSION_KEEP_MAX 1024u /* answers kept */
#define SESSION_DOC_MAX 16384u /* bytes of one */

/* Value of a cookie; {NULL,0} when absent. Quotes are part of it. */
struct span cookie_get(const struct http_request *q, const char *name);

/* "name=value; Path=/; Max-Age=60; SameSite=Lax; HttpOnly; Secure". value: only what RFC 6265 4.1.1 allows
 * (MUST). */
struct span cookie_make(struct arena *a, const char *name, struct span value, uint32_t max_age_s,
                        bool is_hidden, bool is_secure);

enum credential_kind { CREDENTIAL_NONE, CREDENTIAL_SESSION, CREDENTIAL_TOKEN, CREDENTIAL_BAD };
struct credential {
    enum credential_kind kind;
    uint8_t hash[32];  /* SHA-256 of the cookie's value or of the token */
    struct span token; /* CREDENTIAL_TOKEN */
    const char *why;   /* CREDENTIAL_BAD: a malformed Authorization header; a sentence */
};
/* `Authorization: Token KEY` counts before the cookie; other schemes do not count at all. */
void credential_read(const struct http_request *q, struct credential *c);

/* Who someone is, as accounts said it. id 0: nobody. */
struct viewer {
    uint64_t id;
    bool is_researcher;
    struct span doc; /* JSON; {NULL,0} for nobody */
    struct span why; /* nobody: what accounts said, for the API */
};
/* Reads a whoami document. False when it is none. */
bool viewer_read(struct arena *a, struct span doc, struct viewer *out);

/* Least recently used answers make room within sets of four; so a stranger with many cookies pushes out few
 * others. */
struct sessions;
struct sessions *sessions_new(void);
void sessions_free(struct sessions **s);
/* Text of *out is copied into the arena. */
bool sessions_find(struct sessions *s, struct arena *a, const uint8_t hash[32], int64_t now_ms,
                   struct viewer *out);
/* Was this somebody when accounts was asked last, however long ago? No proof of anything: for manners only.
 */
bool sessions_knew(struct sessions *s, const uint8_t hash[32]);
void sessions_keep(struct sessions *s, const uint8_t hash[32], int64_t now_ms, const struct viewer *v);
void sessions_drop(struct sessions *s, const uint8_t hash[32]);
void sessions_drop_account(struct sessions *s, uint64_t id);

#endif
