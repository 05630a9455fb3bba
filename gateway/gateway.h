/* gateway: HTTP in, messages out. Knows routes, cookies, forms, views and byte ranges; decides no rule of the
 * house.
 *
 * Each thread is an epoll loop of its own over three things: its HTTP server, its port on the bus (as
 * "gateway"), and the bell of gateway_stop(). Nothing in it blocks. */
#ifndef LOOKIT_GATEWAY_H
#define LOOKIT_GATEWAY_H

#include "bus.h"

struct route;

/* Settings (gateway/conf.def), ended by key NULL. */
extern const struct conf_item gateway_conf[];

struct gateway_options {
    struct bus *bus;
    const struct conf *conf;
    const char *spool_dir;      /* the folder that all spools of this machine share */
    const char *store_dir;      /* DATA/store: built studies and videos, only read here, made
                                          when missing; NULL: this machine has none */
    const struct route *routes; /* NULL: those of routes.def */
    uint8_t key[32]; /* seals form tokens: the same on every thread, restart and machine of one site */
};

struct gateway;

/* Listens and serves; returns when it does. options are copied, what they point to outlives the gateway.
 * ERR_AWAY (the port is taken), ERR_INVALID (a setting), and one plain sentence in why. */
int gateway_start(struct gateway **g, const struct gateway_options *options, char why[300]) MUST_CHECK;

/* The port that was really taken (listen with port 0: tests). */
uint16_t gateway_port(const struct gateway *g);

/* Stops listening, lets requests in hand finish (at most 10 s), ends the threads. NULL is fine. */
void gateway_stop(struct gateway **g);

#endif
