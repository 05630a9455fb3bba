#include "raw_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

static char answer_text[RAW_ANSWER_MAX + 1];

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int raw_connect(uint16_t port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static void wait_some(int fd, short events, const struct raw_pump *pump)
{
    struct pollfd p[2] = {{.fd = fd, .events = events}, {.fd = pump ? pump->fd : -1, .events = POLLIN}};

    if (pump)
        pump->fn(pump->ctx);
    (void)poll(p, 2, 20);
    if (pump)
        pump->fn(pump->ctx);
}

void raw_send(int fd, struct span bytes, const struct raw_pump *pump)
{
    int64_t until = now_ms() + 5000;
    size_t sent = 0;

    while (sent < bytes.n && now_ms() < until) {
        ssize_t n = send(fd, bytes.p + sent, bytes.n - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            sent += (size_t)n;
        else if (errno != EAGAIN)
            return;
        if (sent < bytes.n)
            wait_some(fd, POLLOUT, pump);
    }
}

bool raw_has(struct span text, const char *part)
{
    size_t n = strlen(part);

    for (size_t i = 0; i + n <= text.n; i++)
        if (memcmp(text.p + i, part, n) == 0)
            return true;
    return false;
}

static size_t head_end(struct span a)
{
    for (size_t i = 0; i + 4 <= a.n; i++)
        if (memcmp(a.p + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    return 0;
}

struct span raw_body(struct span a)
{
    size_t head = head_end(a);

    return (struct span){a.p + head, a.n - head};
}

int raw_status(struct span a)
{
    return a.n > 12 && memcmp(a.p, "HTTP/1.", 7) == 0 ? (int)strtol(a.p + 9, NULL, 10) : 0;
}

struct span raw_header(struct span a, const char *name)
{
    size_t head = head_end(a), name_n = strlen(name);

    for (size_t i = 0; i + 2 < head; i++) {
        if (memcmp(a.p + i, "\r\n", 2) != 0 || i + 2 + name_n >= head)
            continue;
        const char *line = a.p + i + 2;
        if (strncasecmp(line, name, name_n) != 0 || line[name_n] != ':')
            continue;
        const char *value = line + name_n + 1 + strspn(line + name_n + 1, " ");
        return (struct span){value, strcspn(value, "\r")};
    }
    return (struct span){NULL, 0};
}

static bool is_complete(struct span a, bool is_head)
{
    size_t head = head_end(a);
    struct span length = raw_header(a, "content-length");
    int status = raw_status(a);

    if (head == 0)
        return false;
    if (status == 100)
        return false;
    if (is_head || status == 204 || status == 304)
        return true;
    if (length.n)
        return a.n >= head + strtoul(length.p, NULL, 10);
    return raw_has(a, "\r\n0\r\n\r\n");
}

struct span raw_read(int fd, bool is_head, const struct raw_pump *pump, bool *closed)
{
    int64_t until = now_ms() + 5000;
    struct span a = {answer_text, 0};

    *closed = false;
    while (now_ms() < until && !is_complete(a, is_head)) {
        ssize_t n = recv(fd, answer_text + a.n, RAW_ANSWER_MAX - a.n, MSG_DONTWAIT);
        if (n > 0)
            a.n += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            *closed = true;
            break;
        }
        if (n > 0 && a.n >= 25 && memcmp(a.p, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 0) {
            a.n -= 25;
            memmove(answer_text, answer_text + 25, a.n);
        }
        answer_text[a.n] = 0;
        if (n < 0)
            wait_some(fd, POLLIN, pump);
    }
    answer_text[a.n] = 0;
    return a;
}

/* Reading on tells whether the peer hung up; what else it says is added to the answer. */
static void read_rest(int fd, struct span *a, const struct raw_pump *pump, bool *closed)
{
    for (int i = 0; i < 10 && !*closed; i++) {
        ssize_t n = recv(fd, answer_text + a->n, RAW_ANSWER_MAX - a->n, MSG_DONTWAIT);
        if (n > 0)
            a->n += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            *closed = true;
        if (n < 0)
            wait_some(fd, POLLIN, pump);
    }
    answer_text[a->n] = 0;
}

struct span raw_ask(uint16_t port, struct span request, const struct raw_pump *pump, bool *closed)
{
    int fd = raw_connect(port);
    bool is_head = request.n > 5 && memcmp(request.p, "HEAD ", 5) == 0, has_closed;
    struct span a;

    raw_send(fd, request, pump);
    a = raw_read(fd, is_head, pump, &has_closed);
    if (closed && !has_closed && (raw_status(a) == 0 || raw_status(a) >= 400))
        read_rest(fd, &a, pump, &has_closed);
    if (closed)
        *closed = has_closed;
    (void)close(fd);
    return a;
}
