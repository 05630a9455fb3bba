/* gateway_watch: is it alive, is it ready, what does it do. */
#include "gateway_private.h"

static const uint32_t bucket_ms[TALLY_BUCKETS] = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    /* one writer: no need for the bus lock that an atomic addition takes */
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void watch_count(struct worker *w, int status, int64_t took_us, uint64_t bytes)
{
    size_t i = 0;

    while (i < TALLY_BUCKETS && took_us > (int64_t)bucket_ms[i] * 1000)
        i++;
    add(&w->tally.bucket[i], 1);
    add(&w->tally.status[status / 100 < 6 ? status / 100 : 5], 1);
    add(&w->tally.took_us, (uint64_t)took_us);
    add(&w->tally.sent_bytes, bytes);
}

static void tell(struct visit *v, int status, struct span text)
{
    struct http_answer a = {.status = status};

    http_answer_header(&a, "Cache-Control", SPAN("no-store"));
    if (status == 503)
        http_answer_header(&a, "Retry-After", SPAN("5"));
    answer_text(v, &a, "text/plain; charset=utf-8", text);
    answer_send(v, &a);
}

void watch_health(struct visit *v)
{
    tell(v, 200, SPAN("alive\n"));
}

/* A question that goes through the hub to a desk and its database; nobody's session, so the answer is a
 * refusal. */
void watch_ready(struct visit *v)
{
    static const char nobody[32];
    struct account_whoami m = {.session = {nobody, sizeof nobody}, .has_session = true};

    visit_ask(v, VISIT_WATCH, &MESSAGE_account_whoami, &m);
}

/* Numbers tell no names, yet how much a lab's families do is nobody's business: this machine, or who has the
 * token. */
static bool may_watch(struct visit *v)
{
    const char *token = conf_str(v->w->house->options.conf, "metrics-token");
    struct span shown = http_header(v->q, "authorization");
    uint8_t one[32], two[32];

    if (v->q->is_loopback && !http_header(v->q, "x-forwarded-for").p)
        return true;
    if (!token[0] || shown.n < 8 || !http_name_is((struct span){shown.p, 7}, "bearer "))
        return false;
    crypt_sha256(span_of(token), one);
    crypt_sha256((struct span){shown.p + 7, shown.n - 7}, two);
    return crypt_equal(one, two, sizeof one);
}

void watch_metrics(struct visit *v)
{
    struct ctl_metrics m = {0};

    if (may_watch(v))
        visit_ask(v, VISIT_WATCH, &MESSAGE_ctl_metrics, &m);
    else
        refuse_err(v, ERR_DENIED, &(struct refusal_words){0});
}

/* ---- Prometheus text, format 0.0.4
 * -------------------------------------------------------------------------------- */

static void histogram_write(struct arena *a, struct text *t, const struct gateway *g)
{
    uint64_t sum = 0, took_us = 0;

    text_print(a, t,
               "# HELP lookit_http_seconds Time from a request's head to the end of its answer.\n"
               "# TYPE lookit_http_seconds histogram\n");
    for (size_t i = 0; i <= TALLY_BUCKETS; i++) {
        for (size_t k = 0; k < g->worker_n; k++)
            sum += get(&g->worker[k].tally.bucket[i]);
        if (i < TALLY_BUCKETS)
            text_print(a, t, "lookit_http_seconds_bucket{le=\"%g\"} %llu\n", bucket_ms[i] / 1000.0,
                       (unsigned long long)sum);
    }
    for (size_t k = 0; k < g->worker_n; k++)
        took_us += get(&g->worker[k].tally.took_us);
    text_print(a, t,
               "lookit_http_seconds_bucket{le=\"+Inf\"} %llu\nlookit_http_seconds_sum "
               "%.6f\nlookit_http_seconds_count %llu\n",
               (unsigned long long)sum, (double)took_us / 1e6, (unsigned long long)sum);
}

static struct span metrics_write(struct visit *v, struct span of_hub)
{
    static const char *const classes[6] = {"broken", "1xx", "2xx", "3xx", "4xx", "5xx"};
    const struct gateway *g = v->w->house;
    struct text t = {0};
    uint64_t bytes = 0, connections = 0, in_hand = 0;

    text_add(v->arena, &t, of_hub);
    text_print(v->arena, &t,
               "# HELP lookit_http_answers_total Answers by class of status; broken: nobody waited for it.\n"
               "# TYPE lookit_http_answers_total counter\n");
    for (size_t c = 0; c < 6; c++) {
        uint64_t n = 0;
        for (size_t k = 0; k < g->worker_n; k++)
            n += get(&g->worker[k].tally.status[c]);
        text_print(v->arena, &t, "lookit_http_answers_total{status=\"%s\"} %llu\n", classes[c],
                   (unsigned long long)n);
    }
    histogram_write(v->arena, &t, g);
    for (size_t k = 0; k < g->worker_n; k++) {
        bytes += get(&g->worker[k].tally.sent_bytes);
        connections += get(&g->worker[k].tally.connections);
        in_hand += get(&g->worker[k].tally.in_hand);
    }
    text_print(v->arena, &t,
               "# TYPE lookit_http_sent_bytes_total counter\nlookit_http_sent_bytes_total %llu\n"
               "# TYPE lookit_http_connections gauge\nlookit_http_connections %llu\n"
               "# TYPE lookit_http_in_hand gauge\nlookit_http_in_hand %llu\n",
               (unsigned long long)bytes, (unsigned long long)connections, (unsigned long long)in_hand);
    return text_span(&t);
}

void watch_answered(struct visit *v, const struct answer *a)
{
    struct http_answer out = {.status = 200};

    if (v->route->then == THEN_READY) {
        if (a->err == 0 || a->err == ERR_LOGIN)
            tell(v, 200, SPAN("ready\n"));
        else
            tell(v, 503, arena_print(v->arena, "not ready: %s\n", err_name(a->err)));
    } else if (a->err || a->message != &MESSAGE_reply_text) {
        refuse_err(v, a->err ? a->err : ERR_BUG, &(struct refusal_words){0});
    } else {
        const struct reply_text *of_hub = a->body;
        answer_text(v, &out, "text/plain; version=0.0.4; charset=utf-8", metrics_write(v, of_hub->text));
        answer_send(v, &out);
    }
}
