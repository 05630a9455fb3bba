/* gateway_private: what the files of the gateway share: the house, its threads, and the visit, which is one
 * request on its way from head to answer.
 *
 *   gateway.c         threads and their loop            gateway_answer.c   replies of desks as HTTP
 *   gateway_visit.c   the way of a request              gateway_refuse.c   everything that goes wrong as HTTP
 *   gateway_admit.c   who may, and is it really them    gateway_page.c     views and forms
 *   gateway_ask.c     from HTTP into a message          gateway_file.c     files of the spool, the store, the
 *                                                                          binary
 *   gateway_api.c     habits of the JSON:API            gateway_watch.c    health, readiness, metrics */
#ifndef LOOKIT_GATEWAY_PRIVATE_H
#define LOOKIT_GATEWAY_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "bind.h"
#include "body.h"
#include "csrf.h"
#include "gateway.h"
#include "http.h"
#include "route.h"
#include "session.h"
#include "upload.h"
#include "view.h"

/* Bytes of bodies in memory of one thread; above: try again later. Small ones have room of their own: a
 * log-in or what a family just did does not wait for those who send slowly what they announced to be long. */
#define BODIES_MAX ((uint64_t)96 << 20)
#define STRANGE_BODIES_MAX ((uint64_t)64 << 20) /* of them, for those of whom nobody knows yet */
#define SMALL_BODIES_MAX ((uint64_t)64 << 20)
#define SMALL_BODY_MAX ((uint64_t)64 << 10)

/* Counted by one thread, read by any. */
#define TALLY_BUCKETS 12
struct tally {
    _Atomic uint64_t status[6]; /* by first digit; 0: broken off */
    _Atomic uint64_t bucket[TALLY_BUCKETS + 1];
    _Atomic uint64_t took_us, sent_bytes;
    _Atomic uint64_t connections, in_hand;
};

struct gateway {
    struct gateway_options options;
    struct arena *arena;
    struct views *views;
    struct routes *routes;
    const struct json *site; /* {"site":{…},"asset":{…},"lang":"en"}: under every page */
    struct span origin;      /* setting; {NULL,0}: of the request */
    bool is_behind_proxy;
    int store_fd; /* of options.store_dir, or -1 */
    struct worker *worker;
    size_t worker_n;
    uint16_t port;
};

#define ANSWERS_SPARE 16u /* memory of answers that is kept for the next ones */

struct worker {
    struct gateway *house;
    pthread_t thread;
    bool is_started;
    int epoll, bell, listen_fd;
    bool has_asked; /* since the port was last looked at */
    struct http *http;
    struct port *port;
    struct spool *spool;
    struct sessions *sessions;
    struct arena *next_answer; /* where port_next() puts it; a visit keeps it and leaves another one */
    struct arena *spare[ANSWERS_SPARE];
    size_t spare_n;
    uint64_t bodies;         /* bytes of long bodies in memory */
    uint64_t strange_bodies; /* of them, of strangers */
    uint64_t small_bodies;   /* bytes of small bodies */
    uint64_t trace;          /* of the last request */
    struct tally tally;
};

enum visit_stage {
    VISIT_BODY,  /* until the body is whole */
    VISIT_WHO,   /* account.whoami is asked */
    VISIT_ASK,   /* the route's message is asked */
    VISIT_AGAIN, /* a form was refused: the GET of its page is asked */
    VISIT_WATCH, /* readiness or metrics are asked */
    VISIT_OVER   /* answered */
};

struct visit {
    struct worker *w;
    struct http_request *q;
    struct arena *arena; /* q->arena */
    enum visit_stage stage;
    struct route_match match;
    const struct route *route; /* NULL: none was found */
    uint64_t trace;
    struct span origin; /* scheme://host of this site */
    struct span address;
    bool is_secure;
    struct credential credential;
    struct viewer viewer;
    bool knows_viewer;
    bool minds_cookies;   /* the session decided, or would have: Vary says so */
    bool is_other_method; /* one that an API path does not know, or OPTIONS: said when it is known who asks */
    struct form query;
    struct body body;
    struct form form; /* urlencoded or multipart */
    bool is_form;
    uint64_t reserved; /* bytes, for the body */
    bool is_strange;   /* reserved is of w->strange_bodies, too */
    struct tus_head tus;
    struct arena *answer;     /* holds the desk's last answer */
    int again_status;         /* VISIT_AGAIN: status of the page */
    struct span again_errors; /* JSON */
    bool is_sandbox; /* the answer is a page of a version (sandbox.html): code of others runs in it */
};

/* ---- gateway_visit.c ---- */
extern const struct http_app visit_app; /* ctx: struct worker */
/* The desk has answered; a's body lies in w->next_answer. */
void visit_answered(struct worker *w, const struct answer *a);
/* Its document is read before Accept and the form token are looked at. */
bool visit_reads_first(const struct visit *v);
/* Asks for the visit; a refusal of the bus itself is answered at once. */
void visit_ask(struct visit *v, enum visit_stage stage, const struct message *m, const void *body);

/* ---- gateway_admit.c ---- */
void admit_origin(struct visit *v); /* fills origin, address, is_secure, credential */
bool admit_early(struct visit *v);  /* before the body: who shows nothing may not enter; false: refused */
bool admit_viewer(struct visit *v); /* after whoami; false: refused */
bool admit_token(struct visit *v);  /* CSRF; false: refused */
bool admit_accept(struct visit *v); /* of the API, whatever the method; false: refused */
bool admit_media(struct visit *v);  /* Content-Type; false: refused */
/* The API includes nothing. Of what is read that is told last, when it is known to be there; false: refused.
 */
bool admit_include(struct visit *v);
/* The page's form token: the one in the cookie, or a new one and its Set-Cookie. out: masked. */
void admit_page_token(struct visit *v, struct http_answer *a, char out[CSRF_MASKED + 1]);
/* A new form token for another session ({NULL,0}: none). */
void admit_new_token(struct visit *v, struct http_answer *a, struct span session);

/* ---- gateway_ask.c ---- */
bool ask_takes_body(enum http_method m);
bool ask_plan_body(struct visit *v); /* false: refused */
void ask_give_back(struct visit *v); /* what was reserved for the body */
bool ask_document(struct visit *v);  /* is the body one for this path? false: refused */
void ask_desk(struct visit *v);      /* binds and asks; may refuse */
void ask_again(struct visit *v, int status, struct span errors); /* the page of a refused form */
bool ask_knows_page(struct visit *v, struct route_match *page);  /* has the path a GET page to show again? */

/* What the collection of a JSON:API path is called: its last literal segment, with the two odd ones of the
 * API.
 */
struct span ask_resource_type(const struct route *r);
bool ask_is_item(const struct route *r); /* the path ends in an id */

/* ---- gateway_answer.c ---- */
void answer_reply(struct visit *v, const struct answer *a);
/* Sends: adds what every answer has. The visit is over. */
void answer_send(struct visit *v, struct http_answer *a);
/* Sets body and type; compresses when that is safe and worth it. */
/* A document of the API: compact, or as Accept wants it. */
void answer_jsonapi(struct visit *v, struct http_answer *a, struct span doc);
void answer_text(struct visit *v, struct http_answer *a, const char *type, struct span text);
void answer_see_other(struct visit *v, struct http_answer *a, int status, struct span location);
bool answer_is_api(const struct visit *v);     /* JSON:API answers and errors */
bool answer_is_machine(const struct visit *v); /* JSON of any kind, or tus: no pages */

/* ---- gateway_refuse.c ---- */
struct refusal_words {
    struct span text, field, errors; /* as in struct answer */
    const char *code;                /* JSON:API, or NULL: from err */
};
void refuse_err(struct visit *v, int err, const struct refusal_words *words);
/* A status of HTTP itself (405, 406, 412, 414 …) with a sentence. */
void refuse_status(struct visit *v, int status, const char *code, const char *text);
void refuse_binding(struct visit *v, const struct bind *b, int err);
void refuse_login(struct visit *v);
/* is_foreign: another site sent it. Else a form is shown again, for it may only have been open for too long.
 */
void refuse_csrf(struct visit *v, const char *why, bool is_foreign);

/* ---- gateway_page.c ---- */
/* The route's page over a desk's document. */
void page_show(struct visit *v, struct span doc);
/* The page of a form that was refused, with what was typed and what is wrong. */
void page_again(struct visit *v, struct span doc);
/* An error's page; false: it cannot be rendered. */
bool page_error(struct visit *v, struct http_answer *a, int status, struct span text);
/* Shows note on the next page. */
void page_flash(struct visit *v, struct http_answer *a, struct span note, bool is_trouble);

/* ---- gateway_api.c ---- */
bool api_is_path(const struct visit *v);
/* What every answer below /api/ has. */
void api_headers(const struct visit *v, struct http_answer *a);
/* Answers what a browser asks before it lets a page of another site ask something; false: this is none. */
bool api_preflight(struct visit *v);
/* OPTIONS, or a method that the path does not know. */
void api_other_method(struct visit *v);

/* ---- gateway_file.c ---- */
void file_spooled(struct visit *v, const struct reply_file *f);
void file_stored(struct visit *v, const struct reply_stored *f);
void file_asset(struct visit *v);

/* ---- gateway_watch.c ---- */
void watch_health(struct visit *v);
void watch_ready(struct visit *v);
void watch_metrics(struct visit *v);
void watch_answered(struct visit *v, const struct answer *a);
void watch_count(struct worker *w, int status, int64_t took_us, uint64_t bytes);

#endif
