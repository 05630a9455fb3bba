#include "served.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

struct served {
    int listener, connection; /* -1: none */
    int port;
    bool is_stopping;
    void (*fn)(int fd, void *ctx);
    void *ctx;
    pthread_t thread;
    pthread_mutex_t lock; /* over connection and is_stopping */
};

static void *serve(void *arg)
{
    struct served *s = arg;

    for (;;) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&s->lock);
        s->connection = fd;
        if (s->is_stopping)
            shutdown(fd, SHUT_RDWR);
        pthread_mutex_unlock(&s->lock);
        s->fn(fd, s->ctx);
        pthread_mutex_lock(&s->lock);
        s->connection = -1;
        close(fd);
        pthread_mutex_unlock(&s->lock);
    }
}

struct served *served_start(void (*fn)(int fd, void *ctx), void *ctx)
{
    struct served *s = calloc(1, sizeof *s);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;

    assert_non_null(s);
    s->fn = fn;
    s->ctx = ctx;
    s->connection = -1;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, n), 0);
    assert_int_equal(listen(s->listener, 16), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &n), 0);
    s->port = ntohs(address.sin_port);
    assert_int_equal(pthread_mutex_init(&s->lock, NULL), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    return s;
}

int served_port(const struct served *s)
{
    return s->port;
}

void served_stop(struct served **s)
{
    pthread_mutex_lock(&(*s)->lock);
    (*s)->is_stopping = true;
    if ((*s)->connection >= 0)
        shutdown((*s)->connection, SHUT_RDWR);
    shutdown((*s)->listener, SHUT_RDWR); /* accept fails from now on */
    pthread_mutex_unlock(&(*s)->lock);
    pthread_join((*s)->thread, NULL);
    close((*s)->listener);
    pthread_mutex_destroy(&(*s)->lock);
    free(*s);
    *s = NULL;
}

size_t served_read_until(int fd, char *out, size_t cap, const char *end)
{
    size_t n = 0;

    out[0] = '\0';
    while (n + 1 < cap && !strstr(out, end)) {
        ssize_t got = recv(fd, out + n, cap - 1 - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        out[n] = '\0';
    }
    return n;
}

void served_say(int fd, const char *text)
{
    size_t n = strlen(text);

    while (n) {
        ssize_t done = send(fd, text, n, MSG_NOSIGNAL);
        if (done <= 0)
            return;
        text += done;
        n -= (size_t)done;
    }
}
