/* http.c on a real socket: answers now, later, never; bodies, files, hang-ups, deadlines. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "errors.h"
#include "http.h"
#include "raw_client.h"
#include "test.h"

static struct {
    struct http *http;
    uint16_t port;
    struct raw_pump pump;
    uint64_t last_id;
    uint64_t came;
    int ends, last_status;
    bool keeps_waiting;
} world;

static int temporary_file(const char *text)
{
    char name[] = "/tmp/lookit-test.XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

static void app_head(void *ctx, struct http_request *q)
{
    struct http_answer a = {.status = 413, .body = SPAN("too big")};

    (void)ctx;
    if (q->body_length > 100 && !span_is(q->path, "/long"))
        http_answer_now(world.http, q->id, &a);
}

static void app_bytes(void *ctx, struct http_request *q, struct span bytes)
{
    struct http_answer a = {.status = 413, .body = SPAN("too big")};

    (void)ctx;
    world.came += bytes.n;
    if (q->body_bytes > 100 && !span_is(q->path, "/long"))
        http_answer_now(world.http, q->id, &a);
}

static void app_whole(void *ctx, struct http_request *q)
{
    struct http_answer a = {.status = 200};

    (void)ctx;
    world.last_id = q->id;
    if (span_is(q->path, "/wait"))
        return;
    if (span_is(q->path, "/file")) {
        a.has_file = true;
        a.fd = temporary_file("0123456789");
        a.from = 2;
        a.bytes = 5;
    } else {
        a.body = arena_print(q->arena, "%s %.*s?%.*s from %s%s", http_method_name(q->method), (int)q->path.n,
                             q->path.p, (int)q->query.n, q->query.p ? q->query.p : "", q->address,
                             q->is_loopback ? "!" : "");
        http_answer_header(&a, "X-Thing", SPAN("yes"));
    }
    http_answer_now(world.http, q->id, &a);
}

static void app_end(void *ctx, struct http_request *q, int status, uint64_t bytes)
{
    (void)ctx, (void)q, (void)bytes;
    world.ends++;
    world.last_status = status;
}

static void pump(void *ctx)
{
    (void)ctx;
    http_run(world.http);
}

static int start_with(uint32_t head_ms, uint32_t answer_ms)
{
    struct http_options o = {.connections_max = 16,
                             .idle_s = 10,
                             .head_ms = head_ms,
                             .body_ms = 300,
                             .body_rate = 1000000,
                             .answer_ms = answer_ms,
                             .app = {NULL, app_head, app_bytes, app_whole, app_end}};

    memset(&world, 0, sizeof world);
    if (http_listen("127.0.0.1:0", true, &o.listen_fd, &world.port) || http_open(&world.http, &o))
        return 1;
    world.pump = (struct raw_pump){pump, NULL, http_fd(world.http)};
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(10000, 10000);
}

static int start_hasty(void **state)
{
    (void)state;
    return start_with(300, 300);
}

static int stop(void **state)
{
    (void)state;
    http_close(&world.http);
    return 0;
}

static struct span ask(const char *request)
{
    bool closed;

    return raw_ask(world.port, span_of(request), &world.pump, &closed);
}

static void an_answer_carries_status_header_and_body(void **state)
{
    (void)state;
    struct span a = ask("GET /x/%41?b=%42 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(raw_status(a), 200);
    assert_span(raw_header(a, "X-Thing"), "yes");
    assert_span(raw_body(a), "GET /x/%41?b=%42 from 127.0.0.1!");
    assert_int_equal(world.ends, 1);
    assert_int_equal(world.last_status, 200);
}

static void head_has_the_length_and_no_body(void **state)
{
    (void)state;
    struct span a = ask("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(raw_status(a), 200);
    assert_true(raw_header(a, "Content-Length").n > 0);
    assert_int_equal(raw_body(a).n, 0);
}

static void a_part_of_a_file_is_sent(void **state)
{
    (void)state;
    struct span a = ask("GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_span(raw_body(a), "23456");
}

static void a_late_answer_finds_its_request_by_id(void **state)
{
    bool closed;
    struct http_answer answer = {.status = 202, .body = SPAN("late")};
    int fd = raw_connect(world.port);

    (void)state;
    raw_send(fd, SPAN("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"), &world.pump);
    while (!world.last_id)
        pump(NULL);
    assert_int_equal(http_in_hand(world.http), 1);
    http_answer_now(world.http, world.last_id + 65536, &answer); /* another life of the same place */
    http_answer_now(world.http, world.last_id, &answer);
    http_answer_now(world.http, world.last_id, &answer); /* the second does not count */
    assert_int_equal(http_wait_ms(world.http), 0);       /* the loop does not sleep on an answer */
    struct span a = raw_read(fd, false, &world.pump, &closed);
    assert_int_equal(raw_status(a), 202);
    assert_span(raw_body(a), "late");
    (void)close(fd);
}

static void an_answer_for_a_request_that_is_gone_is_dropped(void **state)
{
    struct http_answer answer = {.status = 200, .has_file = true, .fd = temporary_file("x"), .bytes = 1};
    int fd = answer.fd;

    (void)state;
    http_answer_now(world.http, 77 << 16, &answer);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void a_hang_up_while_waiting_ends_with_the_answer(void **state)
{
    int fd = raw_connect(world.port);
    struct http_answer answer = {.status = 200, .body = SPAN("nobody hears")};

    (void)state;
    raw_send(fd, SPAN("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"), &world.pump);
    while (!world.last_id)
        pump(NULL);
    (void)close(fd);
    for (int i = 0; i < 10; i++)
        pump(NULL);
    http_answer_now(world.http, world.last_id, &answer);
    for (int i = 0; i < 10000 && world.ends == 0; i++)
        pump(NULL);
    assert_int_equal(world.ends, 1);
    assert_int_equal(http_in_hand(world.http), 0);
}

static void a_declared_body_that_is_too_big_is_refused_at_its_head(void **state)
{
    static char body[5000];
    bool closed;
    int fd = raw_connect(world.port);

    (void)state;
    memset(body, 'x', sizeof body);
    raw_send(fd, SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"), &world.pump);
    raw_send(fd, (struct span){body, sizeof body}, &world.pump);
    struct span a = raw_read(fd, false, &world.pump, &closed);
    assert_int_equal(raw_status(a), 413);
    assert_span(raw_header(a, "Connection"), "close");
    assert_int_equal(world.came, 0);
    (void)close(fd);
}

static void a_huge_body_is_refused_without_reading_it(void **state)
{
    (void)state;
    struct span a = ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000000\r\n\r\n");
    assert_int_equal(raw_status(a), 413);
}

static void who_asks_before_sending_is_told_at_once(void **state)
{
    (void)state;
    struct span a = ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\nExpect: 100-continue\r\n\r\n");
    assert_int_equal(raw_status(a), 413);
}

static void a_chunked_body_is_stopped_where_it_grows_too_big(void **state)
{
    static char body[300];
    bool closed;
    int fd = raw_connect(world.port);

    (void)state;
    raw_send(fd, SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n12c\r\n"),
             &world.pump);
    memset(body, 'x', sizeof body);
    raw_send(fd, (struct span){body, sizeof body}, &world.pump);
    raw_send(fd, SPAN("\r\n0\r\n\r\n"), &world.pump);
    struct span a = raw_read(fd, false, &world.pump, &closed);
    assert_int_equal(raw_status(a), 413);
    (void)close(fd);
}

static void half_a_request_does_not_hold_a_connection(void **state)
{
    bool closed;
    int fd = raw_connect(world.port);

    (void)state;
    raw_send(fd, SPAN("GET / HTTP/1.1\r\nHo"), &world.pump);
    (void)raw_read(fd, false, &world.pump, &closed);
    assert_true(closed);
    (void)close(fd);
}

static void half_a_body_does_not_hold_a_connection(void **state)
{
    bool closed;
    int fd = raw_connect(world.port);

    (void)state;
    raw_send(fd, SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"), &world.pump);
    (void)raw_read(fd, false, &world.pump, &closed);
    assert_true(closed);
    (void)close(fd);
    for (int i = 0; i < 10000 && world.ends == 0; i++)
        pump(NULL);
    assert_int_equal(world.ends, 1);
    assert_int_equal(world.last_status, 0);
}

static void a_request_that_nobody_answers_is_504(void **state)
{
    (void)state;
    assert_int_equal(raw_status(ask("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")), 504);
}

static void stopping_lets_a_request_in_hand_finish(void **state)
{
    bool closed;
    struct http_answer answer = {.status = 200, .body = SPAN("done")};
    int fd = raw_connect(world.port), idle = raw_connect(world.port);

    (void)state;
    raw_send(fd, SPAN("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"), &world.pump);
    while (!world.last_id)
        pump(NULL);
    http_quiesce(world.http);
    (void)raw_read(idle, false, &world.pump, &closed);
    assert_true(closed);
    assert_int_equal(http_in_hand(world.http), 1);
    http_answer_now(world.http, world.last_id, &answer);
    struct span a = raw_read(fd, false, &world.pump, &closed);
    assert_span(raw_body(a), "done");
    assert_span(raw_header(a, "Connection"), "close");
    (void)close(fd);
    (void)close(idle);
}

static void addresses_are_read_or_refused(void **state)
{
    int fd;
    uint16_t port = 0;

    (void)state;
    assert_int_equal(http_listen("[::1]:0", true, &fd, &port), 0);
    assert_true(port != 0);
    (void)close(fd);
    assert_int_equal(http_listen("nonsense", true, &fd, &port), 1);
    assert_int_equal(http_listen("127.0.0.1:99999", true, &fd, &port), 1);
    assert_int_equal(http_listen("127.0.0.1:", true, &fd, &port), 1);
    assert_int_equal(http_listen("300.0.0.1:80", true, &fd, &port), 1);
}

static void a_port_is_shared_among_siblings_and_with_nobody_else(void **state)
{
    int first, sibling, stranger;
    uint16_t port = 0;
    char where[32];

    (void)state;
    assert_int_equal(http_listen("127.0.0.1:0", true, &first, &port), 0);
    (void)snprintf(where, sizeof where, "127.0.0.1:%u", port);
    assert_int_equal(http_listen(where, false, &sibling, &port), 0);
    assert_int_equal(http_listen(where, true, &stranger, &port), ERR_AWAY);
    (void)close(sibling);
    (void)close(first);
    assert_int_equal(http_listen(where, true, &first, &port), 0);
    (void)close(first);
}

static void a_body_that_came_fast_and_then_stands_still_is_given_up_soon(void **state)
{
    static char bytes[8000000]; /* eight seconds' worth */
    int fd = raw_connect(world.port);
    bool closed;

    (void)state;
    raw_send(fd, SPAN("POST /long HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"), &world.pump);
    raw_send(fd, (struct span){bytes, sizeof bytes}, &world.pump);
    (void)raw_read(fd, false, &world.pump, &closed);
    assert_true(closed);
    (void)close(fd);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
#define HASTY(f) cmocka_unit_test_setup_teardown(f, start_hasty, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_answer_carries_status_header_and_body),
        CASE(head_has_the_length_and_no_body),
        CASE(a_part_of_a_file_is_sent),
        CASE(a_late_answer_finds_its_request_by_id),
        CASE(an_answer_for_a_request_that_is_gone_is_dropped),
        CASE(a_hang_up_while_waiting_ends_with_the_answer),
        CASE(a_declared_body_that_is_too_big_is_refused_at_its_head),
        CASE(a_huge_body_is_refused_without_reading_it),
        CASE(who_asks_before_sending_is_told_at_once),
        CASE(a_chunked_body_is_stopped_where_it_grows_too_big),
        HASTY(half_a_request_does_not_hold_a_connection),
        HASTY(half_a_body_does_not_hold_a_connection),
        HASTY(a_body_that_came_fast_and_then_stands_still_is_given_up_soon),
        HASTY(a_request_that_nobody_answers_is_504),
        CASE(stopping_lets_a_request_in_hand_finish),
        cmocka_unit_test(addresses_are_read_or_refused),
        cmocka_unit_test(a_port_is_shared_among_siblings_and_with_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
