/* http_guard: what makes a request head ambiguous or hostile, so that nobody between us and the client can
 * have read it in another way (request smuggling), and no decoder behind us is surprised. Pure: works on
 * spans. */
#ifndef LOOKIT_HTTP_GUARD_H
#define LOOKIT_HTTP_GUARD_H

#include "http.h"

/* 0, or the status to refuse with; the connection must close then. *length as in struct http_request. */
int guard_head(struct span version, const struct http_header *header, size_t n, int64_t *length);

/* 0, 400 or 414: begins with '/', visible ASCII, percent encoding of two hex digits, no encoded control byte,
 * no fragment, no backslash, no dot segment, encoded ones included. */
int guard_target(struct span target);

/* RFC 9110 5.6.2 */
bool guard_is_token(struct span s);

/* "example.org", "[::1]:8080", "192.0.2.1:80" */
bool guard_is_host(struct span s);

#endif
