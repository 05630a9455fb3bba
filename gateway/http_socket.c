/* http_socket: sockets and header look-ups of http.h that need nothing of the library. */
#define _DEFAULT_SOURCE /* SO_REUSEPORT, which POSIX does not know */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "errors.h"
#include "http_private.h"
#include "log.h"

#define BACKLOG 512

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool http_name_is(struct span name, const char *literal)
{
    for (size_t i = 0; i < name.n; i++)
        if (literal[i] == 0 || lower(name.p[i]) != lower(literal[i]))
            return false;
    return literal[name.n] == 0;
}

struct span http_trimmed(struct span s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s.p++, s.n--;
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

bool http_list_next(struct span list, size_t *at, struct span *item)
{
    const char *comma;
    size_t end;

    if (list.n == 0 || *at > list.n)
        return false;
    comma = memchr(list.p + *at, ',', list.n - *at);
    end = comma ? (size_t)(comma - list.p) : list.n;
    *item = http_trimmed((struct span){list.p + *at, end - *at});
    *at = end + 1;
    return true;
}

struct span http_header(const struct http_request *q, const char *name)
{
    for (size_t i = 0; i < q->header_n; i++)
        if (http_name_is(q->header[i].name, name))
            return q->header[i].value;
    return (struct span){NULL, 0};
}

bool http_answer_has(const struct http_answer *a, const char *name)
{
    for (size_t i = 0; i < a->header_n; i++)
        if (http_name_is(a->header[i].name, name))
            return true;
    return false;
}

void http_answer_header(struct http_answer *a, const char *name, struct span value)
{
    MUST(a->header_n < HTTP_ANSWER_HEADERS_MAX);
    a->header[a->header_n++] = (struct http_header){span_of(name), value};
}

void http_peer(const struct sockaddr *a, char out[46], bool *is_loopback)
{
    const struct sockaddr_in *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;
    const uint8_t *b;

    *is_loopback = false;
    (void)memcpy(out, "?", 2);
    if (!a)
        return;
    if (a->sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &v4->sin_addr, out, 46);
        *is_loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    } else if (a->sa_family == AF_INET6) {
        b = v6->sin6_addr.s6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
            (void)inet_ntop(AF_INET, b + 12, out, 46);
            *is_loopback = b[12] == 127;
        } else {
            (void)inet_ntop(AF_INET6, &v6->sin6_addr, out, 46);
            *is_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) != 0;
        }
    }
}

static int port_read(const char *text, uint16_t *port)
{
    uint32_t v = 0;

    if (*text == 0 || strlen(text) > 5)
        return ERR_MALFORMED;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return ERR_MALFORMED;
        v = v * 10 + (uint32_t)(*text - '0');
    }
    if (v > 65535)
        return ERR_MALFORMED;
    *port = (uint16_t)v;
    return 0;
}

static int address_read(const char *text, struct sockaddr_storage *out, socklen_t *n)
{
    struct sockaddr_in *v4 = (void *)out;
    struct sockaddr_in6 *v6 = (void *)out;
    const char *colon = strrchr(text, ':');
    char host[64];
    size_t host_n = colon ? (size_t)(colon - text) : 0;
    uint16_t port;

    if (!colon || host_n >= sizeof host || port_read(colon + 1, &port))
        return ERR_MALFORMED;
    (void)memset(out, 0, sizeof *out);
    if (host_n >= 2 && text[0] == '[' && text[host_n - 1] == ']') {
        (void)memcpy(host, text + 1, host_n - 2);
        host[host_n - 2] = 0;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *n = sizeof *v6;
        return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 ? 0 : ERR_MALFORMED;
    }
    (void)memcpy(host, host_n ? text : "0.0.0.0", host_n ? host_n : 7);
    host[host_n ? host_n : 7] = 0;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    *n = sizeof *v4;
    return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &v4->sin_addr) == 1
               ? 0
               : ERR_MALFORMED;
}

int http_listen(const char *address_port, bool is_first, int *fd, uint16_t *port)
{
    struct sockaddr_storage a;
    socklen_t n;
    int on = 1, err = address_read(address_port, &a, &n), s, kept;

    if (err)
        return err;
    s = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0)
        return ERR_AWAY;
    /* The first is bound before it is willing to share: a port that another program (or another house) has is
     * taken, while our own later threads may join. */
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        (!is_first && setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)) ||
        bind(s, (const struct sockaddr *)&a, n) ||
        (is_first && setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)) || listen(s, BACKLOG) ||
        getsockname(s, (struct sockaddr *)&a, &n)) {
        kept = errno;
        (void)close(s);
        errno = kept;
        return ERR_AWAY;
    }
    *port = ntohs(a.ss_family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port
                                         : ((struct sockaddr_in6 *)&a)->sin6_port);
    *fd = s;
    return 0;
}
