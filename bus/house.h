/* house: what bus.c, actor.c, call.c and port.c share. Frame only. */
#ifndef LOOKIT_HOUSE_H
#define LOOKIT_HOUSE_H

#include <pthread.h>
#include <stdatomic.h>

#include "bus.h"
#include "hub.h"
#include "node.h"

#define PATH_BYTES 512
#define WRONG_MAX 64u
#define ASKED_LATER (UINT64_C(1) << 63) /* in the id of a request: its answer is for `answered` */

/* Starting and ending, watched by the thread that called bus_start. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int ready;  /* replicas that the hub knows */
    int ended;  /* replica threads that are over */
    int failed; /* first error of an init */
    bool is_hub_over;
};

struct replica {
    struct bus *bus;
    const struct actor_def *def;
    int number;
    pthread_t thread;
    bool is_started;
    struct node *node;
    struct db *db;
    struct arena *arena; /* of the call in hand */
    void *state;
    struct mail reply; /* of the call in hand; goes out when its handler is done */
    bool has_reply;
    bool has_spoken; /* the call in hand asked others or said an event: it is not run again */
    bool is_told_to_stop;
    uint64_t ask_id;
    int64_t next_tick_ms;
};

struct bus {
    void *context; /* ZeroMQ's */
    struct bus_options options;
    char endpoint[64];
    char run_dir[PATH_BYTES], spool_dir[PATH_BYTES]; /* "" when there is none */
    uint8_t secret[32];
    atomic_uint tickets;
    atomic_int ports;
    struct gate gate;
    struct hub *hub;
    pthread_t hub_thread;
    bool is_hub_started;
    struct node *node; /* the house's own word to the hub */
    struct replica *replica;
    int replica_n;
};

/* Why a call is refused. */
struct wrong {
    struct span field, sentence;
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
int bus_thread(pthread_t *thread, void *(*fn)(void *), void *arg) MUST_CHECK; /* without signals */

/* actor.c */
void *replica_run(void *replica);

/* call.c */
int call_refused(struct call *c, const struct message *m, const void *body,
                 int err); /* another's refusal becomes ours */

#endif
