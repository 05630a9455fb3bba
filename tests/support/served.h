/* served: a small real server on the loopback for one test: a thread that takes connections and hands each to
 * a function of the test, which speaks as it likes. */
#ifndef LOOKIT_TEST_SERVED_H
#define LOOKIT_TEST_SERVED_H

#include "types.h"

struct served;

/* fn(fd, ctx) is called in the server's thread for each connection, one after the other; fd is closed after
 * it. */
struct served *served_start(void (*fn)(int fd, void *ctx), void *ctx);
int served_port(const struct served *s);
/* Ends the thread; a connection in hand is shut down under fn. */
void served_stop(struct served **s);

/* Reads until `end` was seen (or the other side closed); terminated; returns the length. What came behind
 * `end` is in out, too. */
size_t served_read_until(int fd, char *out, size_t cap, const char *end);
void served_say(int fd, const char *text);

#endif
