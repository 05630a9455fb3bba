/* http_guard: see the header. libmicrohttpd, even when strict, accepts Content-Length beside
 * Transfer-Encoding, repeated lengths, two Hosts and control bytes in values; each of these has been a
 * smuggling hole somewhere. */
#include "http_guard.h"

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool guard_is_token(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && (s.p[i] == 0 || !strchr("!#$%&'*+-.^_`|~", s.p[i])))
            return false;
    return s.n > 0;
}

bool guard_is_host(struct span s)
{
    size_t i = 0;

    if (s.n == 0 || s.n > 255)
        return false;
    if (s.p[0] == '[') {
        for (i = 1; i < s.n && (hex_value(s.p[i]) >= 0 || s.p[i] == ':' || s.p[i] == '.'); i++)
            ;
        if (i < 3 || i == s.n || s.p[i++] != ']')
            return false;
    } else {
        while (i < s.n && (is_alnum(s.p[i]) || s.p[i] == '.' || s.p[i] == '-' || s.p[i] == '_'))
            i++;
        if (i == 0)
            return false;
    }
    if (i == s.n)
        return true;
    if (s.p[i++] != ':' || i == s.n || s.n - i > 5)
        return false;
    for (; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* A segment that is "." or ".." once decoded. */
static bool is_dot_segment(struct span s)
{
    size_t dots = 0;

    for (size_t i = 0; i < s.n; dots++) {
        if (s.p[i] == '.')
            i++;
        else if (s.n - i >= 3 && s.p[i] == '%' && s.p[i + 1] == '2' && (s.p[i + 2] | 32) == 'e')
            i += 3;
        else
            return false;
    }
    return dots == 1 || dots == 2;
}

static bool path_has_dots(struct span path)
{
    size_t start = 1;

    for (size_t i = 1; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/')
            continue;
        if (is_dot_segment((struct span){path.p + start, i - start}))
            return true;
        start = i + 1;
    }
    return false;
}

int guard_target(struct span target)
{
    size_t path_n = target.n;

    if (target.n > HTTP_TARGET_MAX)
        return 414;
    if (target.n == 0 || target.p[0] != '/')
        return 400;
    for (size_t i = 0; i < target.n; i++) {
        char c = target.p[i];
        if (c <= ' ' || c >= 0x7f || c == '\\' || c == '#' || c == '"' || c == '<' || c == '>')
            return 400; /* char may be signed: bytes from 0x80 on are caught either way */
        if (c == '?' && path_n == target.n)
            path_n = i;
        if (c != '%')
            continue;
        if (target.n - i < 3 || hex_value(target.p[i + 1]) < 0 || hex_value(target.p[i + 2]) < 0)
            return 400;
        int byte = hex_value(target.p[i + 1]) * 16 + hex_value(target.p[i + 2]);
        if (byte == 0 || (path_n == target.n && (byte < ' ' || byte == 0x7f || byte == '\\')))
            return 400;
    }
    return path_has_dots((struct span){target.p, path_n}) ? 400 : 0;
}

/* RFC 9110 8.6: digits only; what does not fit in 63 bits is no length. */
static bool read_length(struct span s, int64_t *out)
{
    int64_t v = 0;

    if (s.n == 0 || s.n > 18)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

static bool value_is_clean(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

int guard_head(struct span version, const struct http_header *header, size_t n, int64_t *length)
{
    size_t hosts = 0, lengths = 0, encodings = 0;
    bool is_old = span_is(version, "HTTP/1.0");

    if (!is_old && !span_is(version, "HTTP/1.1"))
        return 505;
    *length = 0;
    for (size_t i = 0; i < n; i++) {
        struct span value = header[i].value;
        if (!guard_is_token(header[i].name) || !value_is_clean(value))
            return 400;
        if (http_name_is(header[i].name, "host")) {
            hosts++;
            if (!guard_is_host(value))
                return 400;
        } else if (http_name_is(header[i].name, "content-length")) {
            lengths++;
            if (!read_length(value, length))
                return 400;
        } else if (http_name_is(header[i].name, "transfer-encoding")) {
            encodings++;
            if (!http_name_is(value, "chunked"))
                return 400;
        }
    }
    if (hosts > 1 || (hosts == 0 && !is_old) || lengths > 1 || encodings > 1 || (lengths && encodings) ||
        (is_old && encodings))
        return 400;
    if (encodings)
        *length = -1;
    return 0;
}
