/* node: one end of a connection to the hub (a replica's, a port's or a tap's), and the threads of the house.
 * A node serves one thread at a time. Frame only. */
#ifndef LOOKIT_NODE_H
#define LOOKIT_NODE_H

#include "mail.h"

struct node;
struct _zactor_t; /* CZMQ's: a thread and a pipe to it */
struct _zsock_t;  /* CZMQ's: here that thread's end of the pipe */

/* Starts CZMQ, once in a process and before its threads: it takes no signals, and every queue of it has a
 * bound. */
void node_init(void);

/* ---- connections
 * ---------------------------------------------------------------------------------------------------- */

struct node_options {
    const char *endpoint;  /* copied by ZeroMQ */
    struct span ticket;    /* {0}: none, the endpoint says who we are */
    const char *spool_dir; /* borrowed for the life of the node; NULL: long bodies are refused */
    bool is_tap;           /* only hears, everything that is published there */
};

/* ERR_AWAY when the endpoint cannot be connected. */
int node_open(struct node **n, const struct node_options *options) MUST_CHECK;
void node_close(struct node **n); /* what was sent is still delivered, to another process at most 1 s long */

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

/* ---- threads: the pipe carries control only
 * ------------------------------------------------------------------------- */

/* Runs fn in a thread of its own that takes no signals; arg is borrowed for its life. fn says 0 at once, then
 * how its start went (0 or ERR_*), later what it has agreed on with who started it; it ends when it hears
 * "$TERM". Never NULL: no memory or no thread is the end of the process. */
struct _zactor_t *actor_start(void (*fn)(struct _zsock_t *pipe, void *arg), void *arg);

/* Says a word to the thread, if it is still there. */
void actor_tell(struct _zactor_t *a, const char *word);

/* Waits for the next word of the thread until deadline_ms. ERR_LATE. */
int actor_hear(struct _zactor_t *a, int64_t deadline_ms, int *word) MUST_CHECK;

/* All its words are heard: says "$TERM" and waits for the end of fn. False: it still runs; it and what it
 * stands on must be left alone. */
bool actor_end(struct _zactor_t **a, int64_t deadline_ms) MUST_CHECK;

/* The thread's side: a word (0 to 255) to who started it. */
void pipe_say(struct _zsock_t *pipe, int word);

/* node_wait, and an ear for who started this thread: false when it shall end. */
bool node_attend(struct node *n, struct _zsock_t *pipe, int64_t wait_ms) MUST_CHECK;

#endif
