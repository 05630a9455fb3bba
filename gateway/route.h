/* route: which line of routes.def answers a request.
 *
 * A pattern is made of segments: literal text, {field}, {field:this|that}, and at the end {field*} for all
 * that is left. A {field} whose message field is a uuid or a number matches only such text, so
 * /studies/{study}/ and /studies/{slug}/ live side by side; in the JSON:API a uuid matches any text without a
 * dot, and one that is none names a thing that is not there. Of several patterns that match, the most
 * particular from the left wins: literal, choice, uuid, number, text. */
#ifndef LOOKIT_ROUTE_H
#define LOOKIT_ROUTE_H

#include "arena.h"
#include "http.h"
#include "message.h"

#define ROUTE_SEGMENTS_MAX 16u
#define ROUTE_FIELDS_MAX 8u

enum who {
    WHO_ANYONE,     /* logged in or not */
    WHO_FAMILY,     /* logged in; else to the login page */
    WHO_RESEARCHER, /* logged in as a researcher; else to the login page, or 403 */
    WHO_API         /* token or session; else 401 */
};

enum then_kind {
    THEN_PAGE,      /* reply.doc through a view; after a POST that was refused: the GET page of the same path,
                       filled in */
    THEN_STAGE,     /* the same, for the page that runs a study: what the study brings along may be shown */
    THEN_SEE_OTHER, /* 303 */
    THEN_JSONAPI,   /* application/vnd.api+json, documents and errors as JSON:API says */
    THEN_JSONAPI_ALONE, /* the same; the path knows neither HEAD nor OPTIONS */
    THEN_DOC,       /* application/json */
    THEN_FILE,      /* reply.file, reply.stored */
    THEN_UPLOAD,    /* tus (upload.h) */
    THEN_STATIC,    /* a file inside the binary (asset.h) */
    THEN_HEALTH,    /* the process lives */
    THEN_READY,     /* bus and database answer */
    THEN_METRICS    /* Prometheus text */
};

struct route {
    enum http_method method;
    const char *pattern; /* NULL ends a table */
    enum who who;
    const struct message *ask; /* NULL or without `to`: nothing is asked */
    enum then_kind then;
    const char *view; /* of THEN_PAGE and THEN_STAGE */
};
extern const struct route route_table[]; /* routes.def */

static inline bool route_is_api(const struct route *r)
{
    return r->then == THEN_JSONAPI || r->then == THEN_JSONAPI_ALONE;
}

static inline bool route_asks(const struct route *r)
{
    return r->ask && r->ask->to;
}

struct routes;
/* table ends with pattern NULL and outlives the set. A pattern that cannot be is a bug (MUST). */
struct routes *routes_new(const struct route *table);
void routes_free(struct routes **r);

struct capture {
    struct span name, value; /* value: decoded */
};
enum route_outcome { ROUTE_FOUND, ROUTE_UNKNOWN, ROUTE_OTHER_METHOD, ROUTE_WITH_SLASH };
struct route_match {
    const struct route *route; /* when found; with ROUTE_OTHER_METHOD another one of the same path */
    struct capture capture[ROUTE_FIELDS_MAX];
    size_t capture_n;
    unsigned methods; /* bit per enum http_method that this path knows; GET brings HEAD, all bring OPTIONS */
};

/* path: as sent, past the guard. ROUTE_WITH_SLASH: the same path with a slash at its end is known.
 * A HEAD without a line of its own finds the GET (but where THEN_JSONAPI_ALONE forbids it). An OPTIONS without one is ROUTE_OTHER_METHOD with methods
 * filled. */
enum route_outcome routes_match(const struct routes *r, struct arena *a, enum http_method method,
                                struct span path, struct route_match *out);

/* "GET, HEAD, OPTIONS"; "" of a path of HTTP_NONE */
struct span route_allow(struct arena *a, unsigned methods);

/* %41 and, in queries and forms (plus_is_space), +. Bad escapes stay as they are; past the guard there are
 * none. */
struct span route_decode(struct arena *a, struct span s, bool plus_is_space);

#endif
