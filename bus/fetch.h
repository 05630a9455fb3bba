/* fetch: the one door to libcurl: HTTP and SMTP out. Blocking: for hands on their own threads, never for
 * desks in a transaction. */
#ifndef LOOKIT_FETCH_H
#define LOOKIT_FETCH_H

#include "arena.h"

void fetch_init(void); /* before any thread */

struct fetch;
struct fetch *fetch_new(void); /* one per thread; keeps connections */
void fetch_free(struct fetch **f);

struct fetch_request {
    const char *method;         /* "GET" … */
    const char *url;            /* http or https only; redirects are not followed */
    const char *const *headers; /* "Name: value", NULL-terminated, may be NULL */
    struct span body;           /* sent when n > 0, or p is not NULL */
    size_t answer_max;          /* bytes of body that are taken, more is ERR_TOOBIG */
    uint32_t wait_ms;           /* whole deadline, at least 1 */
};
struct fetch_answer {
    int status;
    struct span body;    /* arena */
    struct span headers; /* raw, status line first, arena; at most 64 KiB, more is ERR_TOOBIG */
};
/* ERR_AWAY (no connection, no trusted certificate, broken off), ERR_LATE, ERR_TOOBIG; any HTTP status is an
 * answer. ERR_INVALID: a URL that is not http(s), or a control character in URL, method or header. Nothing
 * but what is given is sent, except Host, User-Agent, Accept and Content-Length. */
int fetch_http(struct fetch *f, struct arena *a, const struct fetch_request *q,
               struct fetch_answer *out) MUST_CHECK;

struct fetch_mail {
    const char *url;  /* smtp://host:port or smtps://… */
    const char *user; /* may be NULL */
    const char *password;
    const char *from;      /* envelope, without <> */
    const char *const *to; /* NULL-terminated, at least one */
    struct span message;   /* RFC 5322, CRLF; dots are doubled here (RFC 5321 4.5.2) */
    bool needs_tls; /* refuse without TLS and a trusted certificate; else TLS is used when offered, unverified
                     */
    uint32_t wait_ms; /* whole deadline, at least 1 */
};
/* ERR_AWAY, ERR_LATE (try again; after ERR_LATE it may have been taken); ERR_DENIED (login refused: 530, 534,
 * 535, 538), ERR_INVALID (refused for good, other 5xx; or a control character in an address). One refused
 * recipient refuses all. */
int fetch_smtp(struct fetch *f, const struct fetch_mail *mail) MUST_CHECK;

/* Would they take our mails? Connects, greets, takes up TLS and logs in, as fetch_smtp would; sends nothing and
 * needs neither from, to nor message. Errors as there. */
int fetch_smtp_probe(struct fetch *f, const struct fetch_mail *mail) MUST_CHECK;

/* Why the last call failed, for logs: libcurl's words and the server's code, no address, no URL. Until the
 * next call. */
const char *fetch_why(const struct fetch *f);

#endif
