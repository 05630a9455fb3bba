/* front: desks behind a gateway, for its tests, and the gateway itself on a rig.
 *
 * Sessions: the cookie's value names the visitor: "ann" is a family (id 7), "rita" a researcher (id 8), all
 * others nobody; "away" finds the database away. Tokens: forty "a" is ann. Messages:
 * tests/support/messages/front.toml. */
#ifndef LOOKIT_TEST_FRONT_H
#define LOOKIT_TEST_FRONT_H

#include "gateway.h"
#include "raw_client.h"
#include "rig.h"

extern const struct actor_def front_actor;
extern const struct actor_def front_accounts_actor; /* answers account.whoami as accounts would */
extern const struct actor_def front_video_actor;    /* keeps one upload in memory */

int front_whoami(struct call *c, const struct account_whoami *m); /* its handler */
int front_whoami_asked(void);                                     /* times */

struct front {
    struct rig rig;
    struct conf *conf;
    struct gateway *gateway;
    uint16_t port;
    char store[128];
};

/* flags: "--origin=https://a", …, ended by NULL; may be NULL. */
void front_start(struct front *f, const struct roster_entry *roster, const struct route *routes,
                 char **flags);
void front_stop(struct front *f);
int front_spool_files(const struct front *f); /* waits up to 2 s until there are none; how many are left */

/* One request on a connection of its own: "GET /x HTTP/1.1" and the given header lines (each with CR LF) and
 * body. Host is added, and Content-Length when there is a body. */
struct span front_ask(struct front *f, const char *line, const char *headers, const char *body);

/* The form token that belongs to a session's cookie ("" for nobody), and headers that show both. */
const char *front_proof(const char *session, bool in_header);

#endif
