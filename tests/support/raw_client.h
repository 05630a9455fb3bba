/* raw_client: bytes to a server on this machine and back, for tests that say exactly what goes over the wire.
 */
#ifndef LOOKIT_RAW_CLIENT_H
#define LOOKIT_RAW_CLIENT_H

#include "types.h"

#define RAW_ANSWER_MAX (4u << 20)

/* Called while waiting: lets a server of the same thread work. NULL: the server has its own. */
struct raw_pump {
    void (*fn)(void *ctx);
    void *ctx;
    int fd; /* wakes the wait; -1: none */
};

int raw_connect(uint16_t port); /* aborts the test when it cannot */
/* All of it, or as much as the peer takes before it hangs up. */
void raw_send(int fd, struct span bytes, const struct raw_pump *pump);
/* Reads until one whole answer is there (Content-Length, chunked, or no body at all), the peer hangs up, or 5
 * s pass. is_head: no body follows. The text is terminated, static, valid until the next call. *closed: the
 * peer hung up. */
struct span raw_read(int fd, bool is_head, const struct raw_pump *pump, bool *closed);

/* One request on a connection of its own. closed: did the server hang up? NULL: no matter. */
struct span raw_ask(uint16_t port, struct span request, const struct raw_pump *pump, bool *closed);

int raw_status(struct span answer);                           /* 0 when it is none */
struct span raw_header(struct span answer, const char *name); /* {NULL,0} when absent */
struct span raw_body(struct span answer);
bool raw_has(struct span text, const char *part);

#endif
