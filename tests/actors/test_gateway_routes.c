/* Every route of the house, as nobody, as a family, as a researcher, with sense and with junk: something is
 * always answered, and it is never our fault. The desks behind are one that replies with the examples of the
 * schemas and one that refuses. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "front.h"
#include "route.h"
#include "wire.h"

#define SERVICES_MAX 16
#define HANDLERS_MAX 256

static struct handler handlers[SERVICES_MAX][HANDLERS_MAX];
static struct actor_def actors[SERVICES_MAX];
static struct roster_entry roster[SERVICES_MAX + 1];
static atomic_int refuses_with; /* 0: replies */
static struct front f;

/* The reply that the request's schema names, made of its examples. */
static int reply_example(struct call *c)
{
    const struct message *m = message_by_id(c->message->reply);
    const char *why;
    void *body;

    MUST(m);
    body = arena_get(c->arena, m->size);
    for (size_t i = 0; i < m->field_n; i++)
        MUST(wire_field_from_text(c->arena, &m->field[i], span_of(m->field[i].eg), body, &why) == 0);
    return reply(c, m, body);
}

static int on_any(struct call *c, const void *m)
{
    int err = atomic_load(&refuses_with);

    if (c->message == &MESSAGE_account_whoami)
        return front_whoami(c, m);
    return err ? refuse(c, err, "field", "No, because of <this>.") : reply_example(c);
}

static size_t service_of(const char *name)
{
    size_t i = 0;

    while (i < SERVICES_MAX && actors[i].name && strcmp(actors[i].name, name) != 0)
        i++;
    MUST(i < SERVICES_MAX);
    if (!actors[i].name) {
        actors[i] = (struct actor_def){.name = name, .on = handlers[i]};
        roster[i] = (struct roster_entry){&actors[i], 1, ""};
    }
    return i;
}

static int start(void **state)
{
    static size_t used[SERVICES_MAX];

    (void)state;
    for (size_t i = 0; i < messages_n; i++) {
        const struct message *m = messages[i];
        if (m->kind != MESSAGE_REQUEST || strcmp(m->to, "hub") == 0)
            continue;
        size_t s = service_of(m->to);
        MUST(used[s] + 1 < HANDLERS_MAX);
        handlers[s][used[s]++] = (struct handler){.message = m, .fn = on_any};
    }
    front_start(&f, roster, NULL, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    front_stop(&f);
    return 0;
}

/* The pattern with every field filled. */
static void path_make(char *out, size_t room, const struct route *r, const char *junk)
{
    const char *p = r->pattern;
    size_t n = 0;

    while (*p) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        struct span name = {p + 1, end ? (size_t)(end - p) - 1 : 0};
        const struct field *field = end && route_asks(r) ? message_field(r->ask, name) : NULL;
        const char *value = junk ? junk : memchr(name.p, ':', name.n) ? "v1" : field ? field->eg : "x";
        if (!end) {
            out[n++] = *p++;
            continue;
        }
        n += (size_t)snprintf(out + n, room - n, "%s", value);
        p = end + 1;
        MUST(n < room - 200);
    }
    out[n] = 0;
}

static void ask_once(const struct route *r, const char *path, const char *headers, const char *body)
{
    static char line[9000];

    (void)snprintf(line, sizeof line, "%s %s", http_method_name(r->method), path);
    struct span a = front_ask(&f, line, headers, body);
    int status = raw_status(a);
    if (status == 0 || status == 500 || (status > 503 && status != 504 && status != 507))
        fail_msg("%s answered %d: %.*s", line, status, (int)(a.n < 500 ? a.n : 500), a.p);
}

static const char *const visitors[] = {"", "ann", "rita"};
static const char *const junk_fields[] = {
    "%F0%9F%92%A9", "%27%22%3Cscript%3E", "-1", "99999999999999999999999", "%ff", "a%2f..%2fb"};
static const char *const junk_queries[] = {"?page=-1&page=x", "?next=//evil.example&key=%00",
                                           "?a[b]=%ff&=&&&==", "?next=%0d%0aX:y"};
static const struct {
    const char *type, *body;
} junk_bodies[] = {
    {"application/x-www-form-urlencoded", "username=%ff&x=%"},
    {"application/x-www-form-urlencoded", "username=a&password=b&is_x=maybe&birthday=yesterday"},
    {"multipart/form-data; boundary=b",
     "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\nx\r\n--b--"},
    {"multipart/form-data", "x"},
    {"application/json", "{\"data\":"},
    {"application/json", "{\"data\":{\"type\":\"x\"},\"viewer\":1}"},
    {"application/vnd.api+json", "{\"data\":{\"type\":\"responses\",\"attributes\":{\"completed\":7}}}"},
    {"application/vnd.api+json", "[[[[[["},
    {"application/offset+octet-stream", "xyz"},
    {"nonsense", "\x01\x02"}};

static void route_sweep(const struct route *r, const char *visitor)
{
    static char path[6000], longer[7000], headers[1000];
    const char *proof = front_proof(visitor, true);

    path_make(path, sizeof path, r, NULL);
    (void)snprintf(headers, sizeof headers, "%sTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n", proof);
    ask_once(r, path, headers, NULL);
    for (size_t i = 0; i < sizeof junk_queries / sizeof junk_queries[0]; i++) {
        (void)snprintf(longer, sizeof longer, "%s%s", path, junk_queries[i]);
        ask_once(r, longer, headers, NULL);
    }
    for (size_t i = 0; r->method != HTTP_GET && i < sizeof junk_bodies / sizeof junk_bodies[0]; i++) {
        (void)snprintf(headers, sizeof headers,
                       "%sTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: %s\r\n", proof,
                       junk_bodies[i].type);
        ask_once(r, path, headers, junk_bodies[i].body);
        (void)snprintf(headers, sizeof headers, "Content-Type: %s\r\n", junk_bodies[i].type);
        ask_once(r, path, headers, junk_bodies[i].body);
    }
    for (size_t i = 0; i < sizeof junk_fields / sizeof junk_fields[0]; i++) {
        path_make(path, sizeof path, r, junk_fields[i]);
        ask_once(r, path, proof, NULL);
    }
}

static void sweep_all(void)
{
    for (const struct route *r = route_table; r->pattern; r++)
        for (size_t v = 0; v < sizeof visitors / sizeof visitors[0]; v++)
            route_sweep(r, visitors[v]);
}

static void no_route_fails_when_desks_reply(void **state)
{
    (void)state;
    atomic_store(&refuses_with, 0);
    sweep_all();
}

static void no_route_fails_when_desks_refuse(void **state)
{
    static const int errs[] = {ERR_INVALID, ERR_NOTFOUND, ERR_DENIED, ERR_AWAY, ERR_CONFLICT, ERR_LOGIN};

    (void)state;
    for (size_t i = 0; i < sizeof errs / sizeof errs[0]; i++) {
        static char path[6000];
        atomic_store(&refuses_with, errs[i]);
        for (const struct route *r = route_table; r->pattern; r++) {
            path_make(path, sizeof path, r, NULL);
            ask_once(r, path, front_proof("rita", true), r->method == HTTP_GET ? NULL : "");
        }
    }
}

static void nothing_is_left_in_the_spool(void **state)
{
    (void)state;
    assert_int_equal(front_spool_files(&f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_route_fails_when_desks_reply),
        cmocka_unit_test(no_route_fails_when_desks_refuse),
        cmocka_unit_test(nothing_is_left_in_the_spool),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
