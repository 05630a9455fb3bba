/* hub: the ROUTER in the middle. Every message passes it, so it is the one place to watch, count, limit and
 * refuse.
 *
 * The pattern is Majordomo's (ZeroMQ RFC 7/18): replicas say how many requests they can take (ctl.ready); the
 * hub hands requests to the replica that has waited longest; queues have an end; who somebody is, the hub
 * knows from the connection. Frame only. */
#ifndef LOOKIT_HUB_H
#define LOOKIT_HUB_H

#include "types.h"

struct _zsock_t; /* CZMQ's */

struct hub_options {
    const char *inside;    /* inproc endpoint, of this hub alone */
    const char *run_dir;   /* folder of ops.ipc and tap.ipc, or NULL: nobody from outside */
    const char *spool_dir; /* or NULL: long bodies are refused */
    const uint8_t *secret; /* 32 bytes that sign tickets */
    size_t queue_max;      /* requests that may wait for one service */
};

/* What the hub says to who started it, once it has said that its start went well. */
enum hub_word {
    HUB_REPLICA = 1, /* another replica is ready for requests */
    HUB_IDLE = 2     /* after HUB_DRAIN: no request is in hand any more, or 10 s have passed */
};
#define HUB_DRAIN "DRAIN" /* said to the hub: take no more requests from ports */

/* The hub's thread, see actor_start; options (struct hub_options) are borrowed for its life. Its start fails
 * with ERR_AWAY: an endpoint cannot be had; ERR_TOOBIG: run_dir is too long for a socket address. */
void hub_run(struct _zsock_t *pipe, void *options);

#endif
