/* house: what bus.c, actor.c, call.c and port.c share. Frame only. */
#ifndef LOOKIT_HOUSE_H
#define LOOKIT_HOUSE_H

#include <stdatomic.h>

#include "bus.h"
#include "hub.h"
#include "node.h"

#define PATH_BYTES 512
#define WRONG_MAX 64u
#define ASKED_LATER (UINT64_C(1) << 63) /* in the id of a request: its answer is for `answered` */

struct replica {
    struct bus *bus;
    const struct actor_def *def;
    int number;
    struct _zactor_t *actor; /* its thread, for who started it; NULL: never started */
    bool has_said_start;     /* how its start went is heard */
    struct node *node;
    struct db *db;
    const struct statement **statements; /* the actor's and the frame's */
    struct span shorter; /* of the reply, for a repeat; in the call's arena */
    struct uuid op;                      /* which request is in hand (op.h) */
    struct arena *arena; /* of the call in hand */
    void *state;
    struct mail reply; /* of the call in hand; goes out when its handler is done */
    bool has_reply;
    bool has_spoken; /* the call in hand asked others or said an event: it is not run again */
    uint64_t ask_id;
    int64_t next_tick_ms;
};

struct bus {
    struct bus_options options;
    char endpoint[64];
    char run_dir[PATH_BYTES], spool_dir[PATH_BYTES]; /* "" when there is none */
    uint8_t secret[32];
    atomic_uint tickets;
    atomic_int ports;
    struct _zactor_t *hub; /* its thread; NULL: it does not run */
    struct hub_options hub_options;
    struct replica *replica;
    int replica_n;
};

/* Why a call is refused. */
struct wrong {
    struct span field, sentence;
    struct span code; /* of JSON:API */
};
struct refusal {
    struct span text, field, errors;
    struct wrong wrong[WRONG_MAX];
    size_t wrong_n;
};

/* bus.c */
int bus_node_open(struct bus *b, const char *name,
                  struct node **n) MUST_CHECK;              /* a connection that the hub knows as name */
bool house_is_there(const char *run_dir, const char *name); /* does somebody listen at run_dir/NAME.ipc? */

/* actor.c */
void replica_run(struct _zsock_t *pipe, void *replica); /* a replica's thread, see actor_start */

/* call.c */
int call_refused(struct call *c, const struct message *m, const void *body,
                 int err); /* another's refusal becomes ours */

#endif
