/* hub: the ROUTER in the middle. Every message passes it, so it is the one place to watch, count, limit and
 * refuse.
 *
 * The pattern is Majordomo's (ZeroMQ RFC 7/18): replicas say how many requests they can take (ctl.ready); the
 * hub hands requests to the replica that has waited longest; queues have an end; who somebody is, the hub
 * knows from the connection. Frame only. */
#ifndef LOOKIT_HUB_H
#define LOOKIT_HUB_H

#include "types.h"

struct hub;

struct hub_options {
    void *context;               /* ZeroMQ's; the caller's */
    const char *inside;          /* inproc endpoint */
    const char *run_dir;         /* folder of ops.ipc and tap.ipc, or NULL: nobody from outside */
    const char *spool_dir;       /* or NULL: long bodies are refused */
    const uint8_t *secret;       /* 32 bytes that sign tickets */
    size_t queue_max;            /* requests that may wait for one service */
    void (*on_ready)(void *ctx); /* a replica said its first ctl.ready; called in the hub's thread */
    bool (*is_empty)(void *ctx); /* have all replicas ended? asked when the house stops */
    void *ctx;
};

/* Binds; everything in options is borrowed for the hub's life. ERR_AWAY: an endpoint cannot be had;
 * ERR_TOOBIG: run_dir is too long for a socket address. */
int hub_open(struct hub **h, const struct hub_options *options) MUST_CHECK;

/* In a thread of its own, until ctl.stop came and the replicas ended (or 11 s passed). */
void hub_run(struct hub *h);

void hub_close(struct hub **h);

#endif
