/* json_out: the writer of json.h. */
#include <inttypes.h>

#include "json.h"
#include "log.h"
#include "utf8.h"

#define DEPTH_MAX 64u

static bool is_in_object(const struct json_out *o)
{
    return o->depth && (o->objects >> (o->depth - 1) & 1);
}

static void put(struct json_out *o, struct span s)
{
    text_add(o->arena, &o->text, s);
}

void json_out_init(struct json_out *o, struct arena *a)
{
    *o = (struct json_out){.arena = a};
}

/* Before every value: the comma, and whether one may stand here at all. */
static void value_begin(struct json_out *o)
{
    MUST(o->depth || o->text.n == 0);
    MUST(is_in_object(o) == o->has_key);
    if (o->wants_comma)
        put(o, SPAN(","));
    o->wants_comma = true;
    o->has_key = false;
}

static void container_begin(struct json_out *o, bool is_object)
{
    value_begin(o);
    MUST(o->depth < DEPTH_MAX);
    put(o, is_object ? SPAN("{") : SPAN("["));
    o->objects &= ~((uint64_t)1 << o->depth);
    o->objects |= (uint64_t)is_object << o->depth;
    o->depth++;
    o->wants_comma = false;
}

void json_object(struct json_out *o)
{
    container_begin(o, true);
}

void json_array(struct json_out *o)
{
    container_begin(o, false);
}

void json_end(struct json_out *o)
{
    MUST(o->depth && !o->has_key);
    put(o, is_in_object(o) ? SPAN("}") : SPAN("]"));
    o->depth--;
    o->wants_comma = true;
}

/* Bytes from s.p + at that may stand between quotes as they are. */
static size_t plain_length(struct span s, size_t at)
{
    size_t start = at;

    while (at < s.n) {
        unsigned char c = (unsigned char)s.p[at];
        size_t n = 1;
        if (c < 0x20 || c == '"' || c == '\\')
            break;
        if (c >= 0x80)
            n = utf8_length((const unsigned char *)s.p + at, s.n - at);
        if (n == 0)
            break;
        at += n;
    }
    return at - start;
}

static void special_put(struct json_out *o, unsigned char c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    if (c >= 0x80) {
        put(o, SPAN("\xef\xbf\xbd"));
        return;
    }
    for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
        if (letters[i] == (char)c) {
            put(o, SPAN("\\"));
            put(o, (struct span){&letters[i + 1], 1});
            return;
        }
    }
    text_print(o->arena, &o->text, "\\u%04x", c);
}

static void string_put(struct json_out *o, struct span s)
{
    put(o, SPAN("\""));
    for (size_t at = 0; at < s.n;) {
        size_t n = plain_length(s, at);
        put(o, (struct span){s.p + at, n});
        at += n;
        if (at < s.n)
            special_put(o, (unsigned char)s.p[at++]);
    }
    put(o, SPAN("\""));
}

void json_key(struct json_out *o, struct span key)
{
    MUST(is_in_object(o) && !o->has_key);
    if (o->wants_comma)
        put(o, SPAN(","));
    string_put(o, key);
    put(o, SPAN(":"));
    o->wants_comma = false;
    o->has_key = true;
}

void json_add_string(struct json_out *o, struct span s)
{
    value_begin(o);
    string_put(o, s);
}

void json_add_i64(struct json_out *o, int64_t v)
{
    value_begin(o);
    text_print(o->arena, &o->text, "%" PRId64, v);
}

void json_add_u64(struct json_out *o, uint64_t v)
{
    value_begin(o);
    text_print(o->arena, &o->text, "%" PRIu64, v);
}

void json_add_bool(struct json_out *o, bool v)
{
    json_add_raw(o, v ? SPAN("true") : SPAN("false"));
}

void json_add_null(struct json_out *o)
{
    json_add_raw(o, SPAN("null"));
}

void json_add_raw(struct json_out *o, struct span json)
{
    MUST(json.n);
    value_begin(o);
    put(o, json);
}

struct span json_out_span(const struct json_out *o)
{
    MUST(o->depth == 0 && o->text.n);
    return text_span(&o->text);
}

/* ---- compact
 * ----------------------------------------------------------------------------------------------------- */

/* U+2028 or U+2029: in JSON they stand in strings alone. */
static bool is_line_end(const char *p, size_t n)
{
    return n >= 3 && p[0] == '\xe2' && p[1] == '\x80' && (p[2] == '\xa8' || p[2] == '\xa9');
}

static size_t line_ends(struct span s)
{
    size_t n = 0;

    for (const char *p = s.n ? memchr(s.p, '\xe2', s.n) : NULL; p;
         p = memchr(p, '\xe2', (size_t)(s.p + s.n - p))) {
        n += is_line_end(p, (size_t)(s.p + s.n - p));
        if (++p == s.p + s.n)
            break;
    }
    return n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Where the string that began before i ends. Long ones are most of a long document, so they are leapt over.
 */
static size_t string_end(struct span json, size_t i)
{
    const char *p = json.p + i, *end = json.p + json.n, *quote = NULL, *escape;

    while (p < end) {
        if (!quote || quote < p)
            quote = memchr(p, '"', (size_t)(end - p));
        if (!quote)
            break;
        escape = memchr(p, '\\', (size_t)(quote - p));
        if (!escape)
            return (size_t)(quote - json.p);
        p = escape + 2;
    }
    return json.n;
}

/* What is written so far, and from where on nothing is copied yet. */
struct compact {
    struct span json;
    char *out;
    size_t n, from;
};

static void compact_copy(struct compact *c, size_t until)
{
    memcpy(c->out + c->n, c->json.p + c->from, until - c->from);
    c->n += until - c->from;
    c->from = until;
}

/* Of a string, [i, end). */
static void compact_line_ends(struct compact *c, size_t i, size_t end)
{
    for (; i + 2 < end; i++) {
        if (!is_line_end(c->json.p + i, end - i))
            continue;
        compact_copy(c, i);
        memcpy(c->out + c->n, c->json.p[i + 2] == '\xa8' ? "\\u2028" : "\\u2029", 6);
        c->n += 6;
        c->from = i + 3;
        i += 2;
    }
}

struct span json_compact(struct arena *a, struct span json)
{
    size_t ends = line_ends(json), end;
    struct compact c = {.json = json, .out = arena_room(a, json.n + 3 * ends + 1)};

    for (size_t i = 0; i < json.n; i++) {
        if (json.p[i] == '"') {
            end = string_end(json, i + 1);
            if (ends)
                compact_line_ends(&c, i + 1, end);
            i = end;
        } else if (is_blank(json.p[i])) {
            compact_copy(&c, i);
            c.from = i + 1;
        }
    }
    if (c.from < json.n)
        compact_copy(&c, json.n);
    return (struct span){c.out, c.n};
}

/* ---- indented
 * ----------------------------------------------------------------------------------------------------- */

static void line_begin(struct arena *a, struct text *t, size_t blanks)
{
    static const char some[] = "                                                                ";

    text_add(a, t, SPAN("\n"));
    for (size_t n; blanks; blanks -= n) {
        n = blanks < sizeof some - 1 ? blanks : sizeof some - 1;
        text_add(a, t, (struct span){some, n});
    }
}

struct span json_indent(struct arena *a, struct span json, unsigned by)
{
    struct text t = {0};
    size_t depth = 0;

    for (size_t i = 0; i < json.n; i++) {
        struct span one = {json.p + i, 1};
        char c = json.p[i];
        bool is_empty = i + 1 < json.n && (json.p[i + 1] == '}' || json.p[i + 1] == ']');
        if (c == '"')
            one.n = string_end(json, i + 1) + 1 - i;
        if (c == '}' || c == ']')
            line_begin(a, &t, --depth * by);
        if ((c == '{' || c == '[') && is_empty) {
            one.n = 2;
            c = 0;
        }
        text_add(a, &t, one);
        i += one.n - 1;
        if (c == '{' || c == '[')
            line_begin(a, &t, ++depth * by);
        else if (c == ',')
            line_begin(a, &t, depth * by);
        else if (c == ':')
            text_add(a, &t, SPAN(" "));
    }
    return text_span(&t);
}
