/* hub_show: what the house is doing, as a document for people and as metrics for Prometheus. */
#include <inttypes.h>

#include "errors.h"
#include "hub_private.h"
#include "json.h"
#include "log.h"

#define PEERS_SHOWN 100

size_t message_place(const struct message *m)
{
    size_t low = 0, high = messages_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (messages[middle]->id < m->id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- document
 * ------------------------------------------------------------------------------------------------------- */

static void key_u64(struct json_out *o, const char *key, uint64_t v)
{
    json_key(o, span_of(key));
    json_add_u64(o, v);
}

/* With one digit behind the point, which is as fine as these numbers are. */
static void key_tenths(struct arena *a, struct json_out *o, const char *key, double v)
{
    json_key(o, span_of(key));
    json_add_raw(o, arena_print(a, "%.1f", v));
}

static void service_show(struct hub *h, struct json_out *o, struct service *s)
{
    json_object(o);
    json_key(o, SPAN("name"));
    json_add_string(o, span_of(s->name));
    key_u64(o, "replicas", s->replicas);
    key_u64(o, "in_hand", s->in_hand);
    key_u64(o, "stuck", s->stuck);
    key_u64(o, "queue", s->queue_n);
    key_u64(o, "queue_max", h->options.queue_max);
    json_key(o, SPAN("is_paused"));
    json_add_bool(o, s->is_paused);
    key_tenths(h->arena, o, "rate", gauge_rate(&s->gauge, h->now_ms));
    key_tenths(h->arena, o, "p50_ms", (double)gauge_recent_us(&s->gauge, h->now_ms, 50) / 1000);
    key_tenths(h->arena, o, "p99_ms", (double)gauge_recent_us(&s->gauge, h->now_ms, 99) / 1000);
    json_key(o, SPAN("outcomes"));
    json_object(o);
    for (int err = 0; err < (int)GAUGE_ERRS; err++)
        if (s->gauge.by_err[err] || err == 0)
            key_u64(o, err ? err_name(err) : "ok", s->gauge.by_err[err]);
    json_end(o);
    key_u64(o, "late_replies", s->gauge.late_replies);
    key_u64(o, "events_dropped", s->gauge.events_dropped);
    json_end(o);
}

struct peers_shown {
    struct json_out *o;
    int n;
};

static void peer_show(struct hub *h, struct peer *p, void *ctx)
{
    struct peers_shown *shown = ctx;
    struct json_out *o = shown->o;

    if (shown->n++ >= PEERS_SHOWN)
        return;
    json_object(o);
    json_key(o, SPAN("name"));
    json_add_string(o, span_of(p->name));
    key_u64(o, "number", p->number);
    json_key(o, SPAN("kind"));
    json_add_string(o, p->service                ? SPAN("replica")
                       : p->socket == h->outside ? SPAN("outside")
                                                 : SPAN("port"));
    key_u64(o, "in_hand", p->in_hand);
    json_end(o);
}

struct span hub_show(struct hub *h)
{
    struct json_out o;
    struct peers_shown shown = {&o, 0};

    json_out_init(&o, h->arena);
    json_object(&o);
    json_key(&o, SPAN("version"));
    json_add_string(&o, SPAN(LOOKIT_VERSION));
    key_u64(&o, "up_s", (uint64_t)(h->now_ms - h->started_ms) / 1000);
    json_key(&o, SPAN("services"));
    json_array(&o);
    for (size_t i = 0; i < h->service_n; i++)
        service_show(h, &o, &h->service[i]);
    json_end(&o);
    json_key(&o, SPAN("peers"));
    json_array(&o);
    peer_each(h, peer_show, &shown);
    json_end(&o);
    key_u64(&o, "peers_n", h->peer_n);
    key_u64(&o, "strangers", h->strangers);
    key_u64(&o, "noise", h->noise);
    key_u64(&o, "denied", h->denied);
    key_u64(&o, "foreign_replies", h->foreign_replies);
    key_u64(&o, "tap_dropped", h->tap_dropped);
    json_end(&o);
    return json_out_span(&o);
}

/* ---- metrics
 * -------------------------------------------------------------------------------------------------------- */

static void latency_print(struct arena *a, struct text *t, const struct service *s)
{
    for (uint64_t us = 64; us <= (uint64_t)1 << 26; us *= 4)
        text_print(a, t, "lookit_bus_request_seconds_bucket{service=\"%s\",le=\"%.6f\"} %" PRIu64 "\n",
                   s->name, (double)us / 1e6, gauge_count_below(&s->gauge, us));
    text_print(a, t,
               "lookit_bus_request_seconds_bucket{service=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
               "lookit_bus_request_seconds_sum{service=\"%s\"} %.6f\n"
               "lookit_bus_request_seconds_count{service=\"%s\"} %" PRIu64 "\n",
               s->name, gauge_count(&s->gauge), s->name, (double)s->gauge.sum_us / 1e6, s->name,
               gauge_count(&s->gauge));
}

static void outcomes_print(struct arena *a, struct text *t, const struct service *s)
{
    for (int err = 0; err < (int)GAUGE_ERRS; err++)
        if (s->gauge.by_err[err] || err == 0)
            text_print(a, t, "lookit_bus_requests_total{service=\"%s\",outcome=\"%s\"} %" PRIu64 "\n",
                       s->name, err ? err_name(err) : "ok", s->gauge.by_err[err]);
}

/* One family of metrics stands together, so each is a walk over the services. */
static void family_print(struct hub *h, struct text *t, const char *name, const char *kind, const char *help,
                         uint64_t (*value)(const struct service *s))
{
    text_print(h->arena, t, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
    for (size_t i = 0; i < h->service_n; i++)
        text_print(h->arena, t, "%s{service=\"%s\"} %" PRIu64 "\n", name, h->service[i].name,
                   value(&h->service[i]));
}

static uint64_t queue_of(const struct service *s)
{
    return s->queue_n;
}

static uint64_t in_hand_of(const struct service *s)
{
    return s->in_hand;
}

static uint64_t replicas_of(const struct service *s)
{
    return s->replicas;
}

static uint64_t late_of(const struct service *s)
{
    return s->gauge.late_replies;
}

static uint64_t dropped_of(const struct service *s)
{
    return s->gauge.events_dropped;
}

struct words {
    struct arena *arena;
    struct text *text;
};

static void word_print(void *ctx, const char *word, uint64_t n)
{
    struct words *words = ctx;

    text_print(words->arena, words->text, "lookit_log_events_total{event=\"%s\"} %" PRIu64 "\n", word, n);
}

static void handlers_print(struct hub *h, struct text *t)
{
    text_print(h->arena, t,
               "# HELP lookit_bus_handler_seconds Time in the handler, per message.\n"
               "# TYPE lookit_bus_handler_seconds summary\n");
    for (size_t i = 0; i < messages_n; i++)
        if (h->tally[i].n)
            text_print(h->arena, t,
                       "lookit_bus_handler_seconds_sum{message=\"%s\"} %.6f\n"
                       "lookit_bus_handler_seconds_count{message=\"%s\"} %" PRIu64 "\n",
                       messages[i]->name, (double)h->tally[i].took_us / 1e6, messages[i]->name,
                       h->tally[i].n);
}

struct span hub_metrics(struct hub *h)
{
    struct text t = {0};
    struct words words = {h->arena, &t};

    text_print(h->arena, &t,
               "# HELP lookit_build_info Which release runs.\n# TYPE lookit_build_info gauge\n"
               "lookit_build_info{version=\"" LOOKIT_VERSION "\"} 1\n");
    family_print(h, &t, "lookit_bus_queue", "gauge", "Requests that wait.", queue_of);
    family_print(h, &t, "lookit_bus_in_hand", "gauge", "Requests that replicas work on.", in_hand_of);
    family_print(h, &t, "lookit_bus_replicas", "gauge", "Replicas that are there.", replicas_of);
    family_print(h, &t, "lookit_bus_late_replies_total", "counter",
                 "Replies that nobody waited for any more.", late_of);
    family_print(h, &t, "lookit_bus_events_dropped_total", "counter", "Events for which the queue was full.",
                 dropped_of);
    text_print(h->arena, &t,
               "# HELP lookit_bus_requests_total Requests by how they ended.\n# TYPE "
               "lookit_bus_requests_total counter\n");
    for (size_t i = 0; i < h->service_n; i++)
        outcomes_print(h->arena, &t, &h->service[i]);
    text_print(h->arena, &t,
               "# HELP lookit_bus_request_seconds From a request's coming to the hub to its ending.\n"
               "# TYPE lookit_bus_request_seconds histogram\n");
    for (size_t i = 0; i < h->service_n; i++)
        latency_print(h->arena, &t, &h->service[i]);
    handlers_print(h, &t);
    text_print(h->arena, &t,
               "# HELP lookit_log_events_total Log lines by their event word.\n# TYPE "
               "lookit_log_events_total counter\n");
    log_counts(word_print, &words);
    return text_span(&t);
}
