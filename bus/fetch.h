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
    struct span body;
    size_t answer_max; /* bytes of body that are taken, more is ERR_TOOBIG */
    uint32_t wait_ms;  /* whole deadline */
};
struct fetch_answer {
    int status;
    struct span body;    /* arena */
    struct span headers; /* raw, arena */
};
/* ERR_AWAY (no connection, broken), ERR_LATE, ERR_TOOBIG; any HTTP status is an answer. */
int fetch_http(struct fetch *f, struct arena *a, const struct fetch_request *q,
               struct fetch_answer *out) MUST_CHECK;

struct fetch_mail {
    const char *url;  /* smtp://host:port or smtps://… */
    const char *user; /* may be NULL */
    const char *password;
    const char *from;      /* envelope */
    const char *const *to; /* NULL-terminated */
    struct span message;   /* RFC 5322, CRLF */
    bool needs_tls;
    uint32_t wait_ms;
};
/* ERR_AWAY, ERR_LATE (try again); ERR_DENIED (login), ERR_INVALID (refused for good, 5xx). */
int fetch_smtp(struct fetch *f, const struct fetch_mail *mail) MUST_CHECK;

#endif
