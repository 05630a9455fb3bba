/* lookit bus tap: follows the messages of the running house, from another terminal. The hub masks private
 * fields before anything leaves it, and stops copying by itself when we do not ask again. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "bus.h"
#include "cli.h"
#include "running.h"

enum { WAIT_MS = 500 };

static const struct conf_item tap_conf[] = {
    CONF_ITEM("actor", STR, "", 0, 40, "only what this one says or hears: gateway, studies, …") /* */
    CONF_ITEM("message", STR, "", 0, 100,
              "only this message, or with a * at the end those that begin so: study.*")
        CONF_ITEM("id", STR, "", 0, 60,
                  "only this request with its reply, or all with this trace or operation id"){0}};

static volatile sig_atomic_t is_over;

static void end(int sig)
{
    (void)sig;
    is_over = 1;
}

static bool message_matches(const char *wanted, struct span name)
{
    size_t n = strlen(wanted);

    if (n && wanted[n - 1] == '*')
        return name.n >= n - 1 && !memcmp(name.p, wanted, n - 1);
    return !n || span_is(name, wanted);
}

static bool id_matches(struct arena *a, const char *wanted, const struct ctl_copy *m)
{
    char op[37] = "";

    if (m->has_op)
        uuid_text(&m->op, op);
    return !wanted[0] || span_is(arena_print(a, "%" PRIu64, m->id), wanted) ||
           span_is(arena_print(a, "%" PRIu64, m->trace), wanted) || !strcmp(wanted, op);
}

/* 17:05:00.123456  gateway -> studies   study.activate  request #17 trace 77  312 B  {"study":…} */
static void print(struct arena *a, const struct ctl_copy *m)
{
    struct span took =
        m->has_took_us ? arena_print(a, "  %.1f ms", (double)m->took_us / 1000) : (struct span){0};
    char at[32];

    (void)clock_rfc3339(m->at, at);
    (void)printf("%.15s  %.*s -> %.*s  %.*s  %.*s #%" PRIu64 " trace %" PRIu64 "  %" PRIu64 " B%.*s  %.*s\n",
                 at + 11, (int)m->from.n, m->from.p, (int)m->to.n, m->to.p, (int)m->message.n, m->message.p,
                 (int)m->kind.n, m->kind.p, m->id, m->trace, m->bytes, (int)took.n, took.p ? took.p : "",
                 m->has_body ? (int)m->body.n : 0, m->has_body ? m->body.p : "");
    (void)fflush(stdout);
}

static bool matches(struct arena *a, const struct conf *conf, const struct ctl_copy *m)
{
    const char *actor = conf_str(conf, "actor");

    return (!actor[0] || span_is(m->from, actor) || span_is(m->to, actor)) &&
           message_matches(conf_str(conf, "message"), m->message) && id_matches(a, conf_str(conf, "id"), m);
}

static int follow(const struct running *house, const struct conf *conf, void *ctx)
{
    struct arena *a = arena_new();
    const struct ctl_copy *copy;
    struct tap *tap;
    int err = tap_open(&tap, house->run);

    (void)ctx;
    if (err) {
        arena_free(&a);
        return cli_fail("the house does not answer: %s", err_doc(err));
    }
    (void)sigaction(SIGINT, &(struct sigaction){.sa_handler = end}, NULL);
    (void)sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
    while (!is_over && !ferror(stdout)) {
        if (tap_next(tap, a, &copy, WAIT_MS) && matches(a, conf, copy))
            print(a, copy);
        arena_reset(a);
    }
    tap_close(&tap);
    arena_free(&a);
    return EXIT_DONE;
}

int tap_command(int argc, char **argv)
{
    return running_command(argc, argv, tap_conf, follow, NULL);
}
