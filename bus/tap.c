/* tap: watching the traffic from any process that may open the house's run_dir. */
#include <stdio.h>
#include <stdlib.h>

#include "house.h"

#define LEASE_S 10
#define RENEW_MS 4000
#define OPEN_MS 2000

struct tap {
    struct port *port; /* asks for the traffic, again and again, so that it stops when we vanish */
    struct node *node; /* hears it */
    int64_t renew_ms;
};

static int lease_renew(struct tap *t, struct arena *a)
{
    struct answer answer;

    if (clock_mono_ms() < t->renew_ms)
        return 0;
    t->renew_ms = clock_mono_ms() + RENEW_MS;
    return port_call(t->port, a, &MESSAGE_ctl_tap, &(struct ctl_tap){LEASE_S}, RENEW_MS, &answer);
}

/* A subscription takes effect a moment after the connect: the answers to our own requests show when. */
static int subscription_wait(struct tap *t, struct arena *a)
{
    int64_t until = clock_mono_ms() + OPEN_MS;
    struct mail mail;

    do {
        t->renew_ms = 0;
        TRY(lease_renew(t, a));
        node_wait(t->node, 20);
        if (node_take(t->node, a, &mail))
            return 0;
    } while (clock_mono_ms() < until);
    return ERR_AWAY;
}

int tap_open(struct tap **t, const char *run_dir)
{
    struct tap *made = calloc(1, sizeof *made);
    struct arena *a = arena_new();
    char endpoint[PATH_BYTES + 16];
    struct node_options options = {.endpoint = endpoint, .is_tap = true};
    int err;

    MUST(made && "memory");
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/tap.ipc", run_dir);
    err = port_open(&made->port, NULL, run_dir, "ops");
    if (!err)
        err = node_open(&made->node, &options);
    if (!err)
        err = subscription_wait(made, a);
    arena_free(&a);
    if (err)
        tap_close(&made);
    *t = made;
    return err;
}

void tap_close(struct tap **t)
{
    if (!*t)
        return;
    port_close(&(*t)->port);
    node_close(&(*t)->node);
    free(*t);
    *t = NULL;
}

bool tap_next(struct tap *t, struct arena *a, const struct ctl_copy **copy, uint32_t wait_ms)
{
    int64_t until = clock_mono_ms() + wait_ms;
    struct mail mail;

    for (;;) {
        int64_t now = clock_mono_ms();
        const void *body;
        if (lease_renew(t, a))
            log_warn("tap-lease", "house=away");
        while (node_take(t->node, a, &mail))
            if (mail.envelope.message == MESSAGE_ctl_copy.id &&
                !node_unpack(t->node, a, &mail, &MESSAGE_ctl_copy, &body)) {
                *copy = body;
                return true;
            }
        if (now >= until)
            return false;
        node_wait(t->node, until < t->renew_ms ? until - now : t->renew_ms - now);
    }
}
