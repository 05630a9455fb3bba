/* http: the one door to libmicrohttpd: connections, heads, bodies, answers, deadlines.
 *
 * One struct http per gateway thread, with a listening socket of its own on a shared port (SO_REUSEPORT). It
 * runs inside somebody else's epoll loop: watch http_fd(), call http_run() when it is readable or after
 * http_wait_ms().
 *
 * A request is answered at once, from within a callback, or later: then its connection is suspended, and the
 * answer finds it again by id, never by pointer. An answer for a request that is gone is dropped, its
 * descriptor closed.
 *
 * Every request that reaches the app has passed the guard (http_guard.h): it cannot be read in two ways. */
#ifndef LOOKIT_HTTP_H
#define LOOKIT_HTTP_H

#include "arena.h"

#define HTTP_TARGET_MAX 4096u      /* bytes of path and query, else 414 */
#define HTTP_HEADERS_MAX 64u       /* of a request, else 431 */
#define HTTP_HEAD_BYTES_MAX 32768u /* names and values of a head together, else 431 */
#define HTTP_REQUESTS_MAX 1000u    /* on one connection, then it closes */
#define HTTP_DRAIN_MAX \
    (1u << 20) /* rest of a refused body that is read and thrown away so that the client sees why */

/* In the order in which Allow and OPTIONS name them. */
enum http_method {
    HTTP_GET,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_HEAD,
    HTTP_OPTIONS,
    HTTP_TRACE,
    HTTP_METHODS,
    HTTP_NONE = HTTP_METHODS /* of a path in the table of routes that knows no method at all */
};
const char *http_method_name(enum http_method m);

struct http_header {
    struct span name, value;
};

/* A request. Valid until on_end; so is all that lies in its arena. */
struct http_request {
    uint64_t id;
    enum http_method method;
    struct span path;  /* as sent, begins with '/', percent encoding well formed */
    struct span query; /* as sent, without '?' */
    struct http_header header[HTTP_HEADERS_MAX];
    size_t header_n;
    char address[46];    /* of the peer, numeric */
    bool is_loopback;    /* the peer is this machine */
    int64_t body_length; /* declared; 0 none, -1 chunked */
    uint64_t body_bytes; /* that came so far */
    int64_t started_us;  /* clock_mono_us() of the head */
    struct arena *arena;
    void *app; /* the app's own */
};

/* First value of a header, name without regard to case; {NULL,0} when absent. */
struct span http_header(const struct http_request *q, const char *name);
bool http_name_is(struct span name, const char *literal); /* ASCII, any case */
/* Without blanks and tabs at both ends (RFC 9110 section 5.6.3). */
struct span http_trimmed(struct span value);
/* Item by item of a list such as Accept (RFC 9110 section 5.6.1): trimmed, maybe empty. at: 0 at first.
 * False: there is no more. A comma in quotes is not told apart: no list that is read here has one. */
bool http_list_next(struct span list, size_t *at, struct span *item);

#define HTTP_ANSWER_HEADERS_MAX 32u
struct http_answer {
    int status;
    struct http_header header[HTTP_ANSWER_HEADERS_MAX]; /* values live as long as the request */
    size_t header_n;
    struct span body; /* lives as long as the request */
    bool has_file;    /* then, instead of body: */
    int fd;           /* taken; sent with sendfile(2) */
    uint64_t from, bytes;
    bool closes; /* the connection ends with this answer */
};
bool http_answer_has(const struct http_answer *a, const char *name);
/* Too many are a bug. */
void http_answer_header(struct http_answer *a, const char *name, struct span value);

/* What a server does with requests. All are called from http_run(). */
struct http_app {
    void *ctx;
    /* The head is complete. May answer; else the body follows. */
    void (*on_head)(void *ctx, struct http_request *q);
    /* Bytes of the body; not called after an answer. May answer (the rest is drained or the connection
     * closed). */
    void (*on_bytes)(void *ctx, struct http_request *q, struct span bytes);
    /* The body is complete, also when it is empty. Answers now or later. */
    void (*on_whole)(void *ctx, struct http_request *q);
    /* Once for each on_head: sent, or broken off. status 0: never answered. The request ends here. */
    void (*on_end)(void *ctx, struct http_request *q, int status, uint64_t bytes);
};

struct http_options {
    int listen_fd;               /* of http_listen(); taken, closed on failure too */
    uint32_t connections_max;    /* at most 16384; more wait in the backlog */
    uint32_t per_address_max;    /* connections of one address; 0 = any */
    uint32_t idle_s;             /* connection without a byte */
    uint32_t head_ms;            /* from the end of the request before (or the start) to a complete head */
    uint32_t body_ms, body_rate; /* a body may take body_ms and 1 s for each body_rate bytes, and be ahead of
                                    that by twice body_ms */
    uint32_t answer_ms;          /* longest wait for the app, then 504 */
    struct http_app app;
};

/* "127.0.0.1:8080", "[::1]:0" or ":8080" (any address): a listening socket that its siblings may share, and
 * the port it got. is_first: nobody else may be there yet. ERR_MALFORMED (not an address), ERR_AWAY (cannot
 * bind; errno says why). */
int http_listen(const char *address_port, bool is_first, int *fd, uint16_t *port) MUST_CHECK;

struct http;
int http_open(struct http **h,
              const struct http_options *o) MUST_CHECK; /* ERR_AWAY when the library will not start */
int http_fd(const struct http *h);
uint32_t http_wait_ms(struct http *h);
void http_run(struct http *h);
/* Stops listening; idle connections close, answers close theirs. */
void http_quiesce(struct http *h);
uint32_t http_in_hand(const struct http *h); /* requests that have not ended */
uint32_t http_connections(const struct http *h);
void http_close(struct http **h); /* breaks off what is left; NULL is fine */

/* Answers request id (at most one answer counts). */
void http_answer_now(struct http *h, uint64_t id, const struct http_answer *a);
/* NULL when it has ended. */
struct http_request *http_request_find(struct http *h, uint64_t id);

#endif
