/* http_private: what http.c keeps of a request and of a connection. */
#ifndef LOOKIT_HTTP_PRIVATE_H
#define LOOKIT_HTTP_PRIVATE_H

#include "http.h"

struct MHD_Connection;
struct MHD_Daemon;
struct sockaddr;

enum stage { STAGE_LINE, STAGE_BODY, STAGE_WAIT, STAGE_SENDING };

struct exchange {
    struct http_request q; /* q.id 0: free */
    struct http *h;
    struct MHD_Connection *mhd;
    struct connection *connection;
    struct span target;
    enum stage stage;
    bool told_head; /* the app knows of it and will hear its end */
    bool is_hostile;
    bool has_many_headers;
    size_t head_bytes;
    bool is_suspended;
    bool has_answer;
    bool is_queued;
    int64_t deadline_ms;
    int64_t body_due_us; /* by then more of the body must have come */
    uint64_t drained;
    uint64_t answer_bytes;
    struct http_answer answer;
    struct exchange *next_free;
};

struct connection {
    int fd;
    int64_t since_ms; /* start, or end of the request before */
    uint32_t requests;
    bool is_open;
    bool in_request;
    bool is_shut;
    struct exchange *exchange;
    struct connection *next_free;
};

struct http {
    struct MHD_Daemon *daemon;
    struct http_options limits;
    struct http_app app;
    int epoll_fd;
    uint32_t max;
    struct exchange *exchange, *free_exchange;
    struct connection *connection, *free_connection;
    uint64_t serial;
    uint64_t guarded;
    uint32_t in_hand, connections;
    int64_t sweep_at_ms;
    bool is_quiet;
    bool has_resumed; /* since the last turn: MHD does not wake an outer epoll for that */
};

/* Numeric address of a peer; "?" for what is neither IPv4 nor IPv6. */
void http_peer(const struct sockaddr *a, char out[46], bool *is_loopback);

#endif
