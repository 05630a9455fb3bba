/* probe: actors that behave, or do not, for tests of the bus. Messages: tests/support/messages/probe.toml. */
#ifndef LOOKIT_TEST_PROBE_H
#define LOOKIT_TEST_PROBE_H

#include "bus.h"

/* What probe.act does. */
enum probe_way {
    PROBE_ANSWERS,      /* see_other /there, with a note */
    PROBE_STAYS_SILENT, /* neither replies nor fails */
    PROBE_REPLIES_TWICE,
    PROBE_REPLIES_WRONG, /* not the reply that the schema names */
    PROBE_REFUSES,       /* ERR_CONFLICT at field "study" with words */
    PROBE_FAILS,         /* ERR_AWAY without words */
    PROBE_FINDS_FAULTS,  /* form errors */
    PROBE_FAILS_AFTER_REPLY,
    PROBE_SAYS_EVENT,    /* probe.happened 7, then replies */
    PROBE_BREAKS_A_BOUND /* a location that is too long */
};

extern const struct actor_def probe_actor;  /* "probe" */
extern const struct actor_def helper_actor; /* "helper": asks the probe; hears probe.happened */
extern const struct actor_def broken_actor; /* "broken": init fails with ERR_AWAY */
extern const struct actor_def ticker_actor; /* "ticker": counts ticks, fails each second one */

void probe_reset(void);        /* before a house starts */
void probe_wait_held(int n);   /* until n calls of probe.hold are in hand, at most 5 s */
void probe_release(int n);     /* lets n of them go, now or when they come */
int probe_heard(void);         /* probe.happened events that reached helpers */
int probe_wait_heard(int n);   /* waits until n did, at most 5 s; how many did */
int probe_served(int replica); /* echoes that this replica answered */
int probe_wait_ticks(int n);   /* as probe_wait_heard */

#endif
