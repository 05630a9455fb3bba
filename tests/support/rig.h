/* rig: a house with the actors a test wants, and a port into it.
 *
 *   struct rig rig;
 *   rig_start(&rig, (struct roster_entry[]){{&probe_actor, 2, ""}, {0}});
 *   rig_expect(&rig, &MESSAGE_probe_echo, &(struct probe_echo){SPAN("{}")}, 0);      rig.answer holds the
 * reply rig_stop(&rig);
 */
#ifndef LOOKIT_TEST_RIG_H
#define LOOKIT_TEST_RIG_H

#include "bus.h"
#include "test.h"

struct rig {
    struct bus *bus;
    struct port *port;    /* known as "tester" unless rig.name was set before the start */
    struct arena *arena;  /* of answers; until the next rig_reset or the end */
    struct answer answer; /* of the last rig_call or rig_expect */
    const char *name;
    char dir[64];               /* holds run/, spool/, store/ and mail/; removed at the end */
    struct bus_options options; /* may be filled before the start: queue_max, database; conf: else
                                   the defaults of the actors */
};

/* Database: $DATABASE_URL (a test with NEEDS: database). Fails the test when the house does not start. */
void rig_start(struct rig *r, const struct roster_entry *roster);
/* The same, and says how the start ended. Only rig_stop may follow a failure. */
int rig_try(struct rig *r, const struct roster_entry *roster);
void rig_stop(struct rig *r);
void rig_reset(struct rig *r); /* forgets answers */

/* Asks and waits; returns and keeps the answer's error. */
int rig_call(struct rig *r, const struct message *m, const void *body);
/* Asks, waits, and fails the test unless the answer's error is err. */
void rig_expect(struct rig *r, const struct message *m, const void *body, int err);
/* Waits for the next answer or event of the port, at most 5 s. */
struct answer rig_next(struct rig *r);
/* A number of the hub's own document, by path: "services.probe.queue", "services.probe.outcomes.ERR_BUSY";
 * -1: not there. */
int64_t rig_shown(struct rig *r, const char *path);
/* Waits until that number is at least n, at most 5 s. */
void rig_wait_shown(struct rig *r, const char *path, int64_t n);

#endif
