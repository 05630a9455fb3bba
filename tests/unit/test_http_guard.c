/* The guard, against a real socket: requests that two readers could understand differently are refused and
 * the connection ends, so that nothing behind them is taken for a request of its own. */
#include <stdlib.h>

#include "http.h"
#include "http_guard.h"
#include "raw_client.h"
#include "test.h"

static struct {
    struct http *http;
    uint16_t port;
    struct raw_pump pump;
    int reached; /* requests that reached the app */
} world;

static void app_whole(void *ctx, struct http_request *q)
{
    struct http_answer a = {.status = 200, .body = SPAN("reached")};

    (void)ctx;
    world.reached++;
    http_answer_now(world.http, q->id, &a);
}

static void app_head(void *ctx, struct http_request *q)
{
    (void)ctx, (void)q;
}

static void app_bytes(void *ctx, struct http_request *q, struct span bytes)
{
    (void)ctx, (void)q, (void)bytes;
}

static void app_end(void *ctx, struct http_request *q, int status, uint64_t bytes)
{
    (void)ctx, (void)q, (void)status, (void)bytes;
}

static void pump(void *ctx)
{
    (void)ctx;
    http_run(world.http);
}

static int start(void **state)
{
    struct http_options o = {.connections_max = 32,
                             .idle_s = 10,
                             .head_ms = 10000,
                             .body_ms = 10000,
                             .body_rate = 1000,
                             .answer_ms = 10000,
                             .app = {NULL, app_head, app_bytes, app_whole, app_end}};

    (void)state;
    if (http_listen("127.0.0.1:0", true, &o.listen_fd, &world.port) || http_open(&world.http, &o))
        return 1;
    world.pump = (struct raw_pump){pump, NULL, http_fd(world.http)};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_close(&world.http);
    return 0;
}

#define SECOND "GET /second HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct hostile {
    const char *what;
    struct span request;
} hostile[] = {
    {"two Hosts", SPAN("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" SECOND)},
    {"two equal Hosts", SPAN("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" SECOND)},
    {"no Host", SPAN("GET / HTTP/1.1\r\nAccept: x\r\n\r\n" SECOND)},
    {"Host with a path", SPAN("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" SECOND)},
    {"Host with a user", SPAN("GET / HTTP/1.1\r\nHost: me@a\r\n\r\n" SECOND)},
    {"length and chunked", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: "
                                "chunked\r\n\r\n0\r\n\r\n" SECOND)},
    {"two lengths",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc" SECOND)},
    {"two equal lengths",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc" SECOND)},
    {"length list", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc" SECOND)},
    {"signed length", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc" SECOND)},
    {"negative length", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n" SECOND)},
    {"hexadecimal length", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc" SECOND)},
    {"endless length",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc" SECOND)},
    {"two encodings", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
                           "chunked\r\n\r\n0\r\n\r\n" SECOND)},
    {"encoding list",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SECOND)},
    {"unknown encoding",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SECOND)},
    {"chunked in HTTP/1.0",
     SPAN("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND)},
    {"control byte in a value", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX: a\x01z\r\n\r\n" SECOND)},
    {"carriage return in a value", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX: a\rEvil: b\r\n\r\n" SECOND)},
    {"encoded zero", SPAN("GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"encoded zero in the query", SPAN("GET /?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"encoded line break", SPAN("GET /a%0d%0ab HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"half an escape", SPAN("GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"no hexadecimal", SPAN("GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"absolute form", SPAN("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"authority form", SPAN("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"dot segments", SPAN("GET /static/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"encoded dot segments", SPAN("GET /static/.%2e/%2E%2e/x HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"backslash", SPAN("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"bytes above 127", SPAN("GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"space in the target", SPAN("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"unknown method", SPAN("BREW / HTTP/1.1\r\nHost: a\r\n\r\n" SECOND)},
    {"a later version", SPAN("GET / HTTP/3.7\r\nHost: a\r\n\r\n" SECOND)},
    {"no version", SPAN("GET /\r\nHost: a\r\n\r\n" SECOND)},
    {"space before a colon", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n" SECOND)},
};

static void hostile_requests_are_refused_and_the_connection_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        bool closed;
        world.reached = 0;
        struct span answer = raw_ask(world.port, hostile[i].request, &world.pump, &closed);
        int status = raw_status(answer);
        if (world.reached || raw_has(answer, "reached"))
            fail_msg("%s: reached the app", hostile[i].what);
        if (status != 0 && status < 400)
            fail_msg("%s: answered %d", hostile[i].what, status);
        if (!closed)
            fail_msg("%s: the connection stayed open after %d", hostile[i].what, status);
    }
}

static struct span long_request(const char *line, size_t line_n, const char *head, size_t head_n,
                                const char *end)
{
    static char text[200000];
    size_t n = 0;

    (void)line;
    memset(text, 0, sizeof text);
    memcpy(text, line, strlen(line));
    n = strlen(line);
    memset(text + n, 'a', line_n);
    n += line_n;
    memcpy(text + n, head, strlen(head));
    n += strlen(head);
    memset(text + n, 'b', head_n);
    n += head_n;
    memcpy(text + n, end, strlen(end));
    return (struct span){text, n + strlen(end)};
}

static void long_targets_are_414_and_long_heads_431(void **state)
{
    bool closed;
    (void)state;
    world.reached = 0;
    struct span a =
        raw_ask(world.port, long_request("GET /", HTTP_TARGET_MAX, " HTTP/1.1\r\nHost: a\r\n", 0, "\r\n"),
                &world.pump, &closed);
    assert_int_equal(raw_status(a), 414);
    assert_true(closed);
    a = raw_ask(world.port, long_request("GET /", 1, " HTTP/1.1\r\nHost: a\r\nX: ", 100000, "\r\n\r\n"),
                &world.pump, &closed);
    assert_true(raw_status(a) == 431 || raw_status(a) == 413 || raw_status(a) == 0);
    assert_true(closed);
    assert_int_equal(world.reached, 0);
}

static void too_many_headers_are_431(void **state)
{
    static char text[8000];
    size_t n = 0;
    bool closed;

    (void)state;
    memcpy(text, "GET / HTTP/1.1\r\nHost: a\r\n", 25);
    for (n = 25; n < 25 + 7 * HTTP_HEADERS_MAX; n += 7)
        memcpy(text + n, "X: yy\r\n", 7);
    memcpy(text + n, "\r\n", 2);
    struct span a = raw_ask(world.port, (struct span){text, n + 2}, &world.pump, &closed);
    assert_int_equal(raw_status(a), 431);
    assert_true(closed);
}

static void honest_requests_pass(void **state)
{
    static const char *const honest[] = {
        "GET / HTTP/1.1\r\nHost: lookit.example.org:8080\r\n\r\n",
        "GET /studies/?page[size]=10&x=a%0Ab HTTP/1.1\r\nhost: [::1]:80\r\n\r\n",
        "GET /a/...b/.c/%2Fd HTTP/1.1\r\nHost: a\r\nX:\tb\xc3\xa9\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    };
    (void)state;
    for (size_t i = 0; i < sizeof honest / sizeof honest[0]; i++) {
        bool closed;
        struct span a = raw_ask(world.port, span_of(honest[i]), &world.pump, &closed);
        if (raw_status(a) != 200)
            fail_msg("%s answered %d", honest[i], raw_status(a));
    }
}

static void requests_in_a_row_on_one_connection_are_told_apart(void **state)
{
    bool closed;
    int fd = raw_connect(world.port);

    (void)state;
    world.reached = 0;
    for (int i = 0; i < 3; i++) {
        raw_send(fd, SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"), &world.pump);
        struct span a = raw_read(fd, false, &world.pump, &closed);
        assert_int_equal(raw_status(a), 200);
        assert_false(closed);
    }
    assert_int_equal(world.reached, 3);
    raw_send(fd, SPAN("GET http://x/ HTTP/1.1\r\nHost: a\r\n\r\n"), &world.pump);
    assert_int_equal(raw_status(raw_read(fd, false, &world.pump, &closed)), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_requests_are_refused_and_the_connection_ends),
        cmocka_unit_test(long_targets_are_414_and_long_heads_431),
        cmocka_unit_test(too_many_headers_are_431),
        cmocka_unit_test(honest_requests_pass),
        cmocka_unit_test(requests_in_a_row_on_one_connection_are_told_apart),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
