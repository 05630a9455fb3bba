/* lookit bus show: what the hub knows of itself, as a table or as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "bus.h"
#include "cli.h"
#include "running.h"

enum { ASK_MS = 5000 };

static const struct conf_item show_conf[] = {
    CONF_ITEM("json", BOOL, "false", 0, 1, "the document itself instead of a table") /* */
    {0}};

static int64_t number(const struct json *object, const char *key)
{
    const struct json *v = json_get(object, key);
    int64_t n = 0;

    return v && json_i64(v, &n) == 0 ? n : 0;
}

static struct span figure(const struct json *object, const char *key)
{
    const struct json *v = json_get(object, key);

    return v && json_kind(v) == JSON_NUMBER ? json_number(v) : SPAN("-");
}

/* "12 (ERR_BUSY 10, ERR_LATE 2)" */
static struct span refusals(struct arena *a, const struct json *outcomes)
{
    const struct json *value;
    struct text each = {0};
    struct span key;
    int64_t sum = 0;
    size_t it = 0;

    while (json_next(outcomes, &it, &key, &value)) {
        int64_t n = 0;

        if (span_is(key, "ok") || json_i64(value, &n) || n == 0)
            continue;
        text_print(a, &each, "%s%.*s %" PRId64, sum ? ", " : "", (int)key.n, key.p, n);
        sum += n;
    }
    return sum ? arena_print(a, "%" PRId64 " (%.*s)", sum, (int)each.n, each.p) : SPAN("0");
}

static void table_print(struct arena *a, const struct json *doc)
{
    const struct json *services = json_get(doc, "services");

    (void)printf("up %" PRId64 " s, unheard copies %" PRId64 ", refused senders %" PRId64 "\n\n",
                 number(doc, "up_s"), number(doc, "tap_dropped"), number(doc, "denied"));
    (void)printf("%-12s %8s %7s %11s %7s %8s %8s  %s\n", "service", "replicas", "in hand", "queue", "rate/s",
                 "p50 ms", "p99 ms", "refused");
    for (size_t i = 0; i < json_size(services); i++) {
        const struct json *s = json_at(services, i);
        struct span name = json_string(json_get(s, "name"));
        struct span rate = figure(s, "rate"), p50 = figure(s, "p50_ms"), p99 = figure(s, "p99_ms");
        struct span refused = refusals(a, json_get(s, "outcomes"));
        struct span queue =
            arena_print(a, "%" PRId64 "/%" PRId64, number(s, "queue"), number(s, "queue_max"));

        (void)printf("%-12.*s %8" PRId64 " %7" PRId64 " %11.*s %7.*s %8.*s %8.*s  %.*s%s\n", (int)name.n,
                     name.p, number(s, "replicas"), number(s, "in_hand"), (int)queue.n, queue.p, (int)rate.n,
                     rate.p, (int)p50.n, p50.p, (int)p99.n, p99.p, (int)refused.n, refused.p,
                     json_bool(json_get(s, "is_paused")) ? "  PAUSED" : "");
    }
}

static int show(const struct running *house, const struct conf *conf, void *ctx)
{
    struct arena *a = arena_new();
    const struct json *doc;
    struct answer answer = {0};
    struct port *port = NULL;
    int err = port_open(&port, NULL, house->run, "ops");

    (void)ctx;
    if (!err)
        err = port_call(port, a, &MESSAGE_ctl_show, &(struct ctl_show){0}, ASK_MS, &answer);
    if (!err) {
        struct span text = ((const struct reply_doc *)answer.body)->doc;

        if (conf_bool(conf, "json"))
            (void)printf("%.*s\n", (int)text.n, text.p);
        else if ((err = json_parse(a, text, &doc, NULL)) == 0)
            table_print(a, doc);
    }
    port_close(&port);
    arena_free(&a);
    return err ? cli_fail("the house does not answer: %s", err_doc(err)) : EXIT_DONE;
}

int show_command(int argc, char **argv)
{
    return running_command(argc, argv, show_conf, show, NULL);
}
