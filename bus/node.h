/* node: one end of a connection to the hub: a replica's, a port's or a tap's. One thread at a time. Frame
 * only. */
#ifndef LOOKIT_NODE_H
#define LOOKIT_NODE_H

#include "mail.h"

struct node;

/* What hub and nodes of one house share; freed when all of them are closed (else it waits for them). */
void *node_context_new(void);
void node_context_free(void **context);

struct node_options {
    void *context;         /* the house's ZeroMQ context; NULL: one of its own (another process) */
    const char *endpoint;  /* copied by ZeroMQ */
    struct span ticket;    /* {0}: none, the endpoint says who we are */
    const char *spool_dir; /* borrowed for the life of the node; NULL: long bodies are refused */
    bool is_tap;           /* only hears, everything that is published there */
};

/* ERR_AWAY when the endpoint cannot be connected. */
int node_open(struct node **n, const struct node_options *options) MUST_CHECK;
void node_close(
    struct node **n); /* what was sent is still delivered inside the house; at most 1 s to another process */

/* Packs and sends. ERR_BUSY when the hub does not take it (may_wait: at most 1 s), or of mail_pack. arena:
 * for the packing. */
int node_send(struct node *n, struct arena *a, struct envelope *e, const struct message *m, const void *body,
              bool may_wait) MUST_CHECK;

/* The same with a body that is packed already. */
int node_post(struct node *n, const struct mail *mail, bool may_wait) MUST_CHECK;

/* Packs for node_post. */
int node_pack(struct node *n, struct arena *a, struct mail *mail, const struct message *m,
              const void *body) MUST_CHECK;

/* Next mail that is there; false: none. Its spans live in the arena. What is no mail is logged and skipped.
 */
bool node_take(struct node *n, struct arena *a, struct mail *mail);

/* Waits for the reply with this id until deadline_ms; other mail stays for node_take, in order (at most 64;
 * more is dropped and logged). ERR_LATE. */
int node_take_reply(struct node *n, struct arena *a, uint64_t id, int64_t deadline_ms,
                    struct mail *mail) MUST_CHECK;

/* Reads a body, see mail_unpack. */
int node_unpack(struct node *n, struct arena *a, const struct mail *mail, const struct message *m,
                const void **body) MUST_CHECK;

/* Nobody will read this. */
void node_drop(struct node *n, const struct mail *mail);

/* Returns when there may be mail, or after wait_ms. */
void node_wait(struct node *n, int64_t wait_ms);
int node_fd(const struct node *n);

#endif
