/* route: see the header. The table is compiled once, put in order of particularity, and scanned: some hundred
 * lines, most of them refused by the number of segments or the first literal. */
#include "route.h"

#include <stdlib.h>

#include "log.h"
#include "utf8.h"

enum segment_kind {
    SEGMENT_LITERAL,
    SEGMENT_CHOICE,
    SEGMENT_UUID,
    SEGMENT_NUMBER,
    SEGMENT_ITEM, /* of the JSON:API: the id of something, or what somebody takes for one */
    SEGMENT_TEXT,
    SEGMENT_REST
};

struct segment {
    enum segment_kind kind;
    struct span name; /* of the field; the text of a literal */
    struct span choices;
};

struct compiled {
    const struct route *route;
    struct segment segment[ROUTE_SEGMENTS_MAX];
    size_t segment_n;
    bool has_slash; /* at the end */
    size_t line;
};

struct routes {
    struct compiled *compiled;
    size_t n;
};

struct path {
    struct span segment[ROUTE_SEGMENTS_MAX]; /* decoded */
    size_t segment_n;
    bool has_slash;
};

/* ---- compiling
 * ---------------------------------------------------------------------------------------------------- */

static enum segment_kind kind_of(const struct message *m, struct span name)
{
    const struct field *f = message_field(m, name);

    MUST(f && "a path names a field that its message does not have");
    switch (f->type) {
    case FIELD_UUID:
        return SEGMENT_UUID;
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
        return SEGMENT_NUMBER;
    case FIELD_I64:
    case FIELD_BOOL:
    case FIELD_STR:
    case FIELD_BIN:
    case FIELD_TIME:
    case FIELD_JSON:
    case FIELD_LIST:
        break;
    }
    return SEGMENT_TEXT;
}

static struct segment segment_compile(const struct message *m, struct span s, bool is_api)
{
    struct segment out = {.kind = SEGMENT_LITERAL, .name = s};
    const char *colon;

    if (s.n < 3 || s.p[0] != '{' || s.p[s.n - 1] != '}')
        return out;
    out.name = (struct span){s.p + 1, s.n - 2};
    if (out.name.p[out.name.n - 1] == '*') {
        out.name.n--;
        out.kind = SEGMENT_REST;
        return out;
    }
    colon = memchr(out.name.p, ':', out.name.n);
    if (!colon) {
        out.kind = m && m->to ? kind_of(m, out.name) : SEGMENT_TEXT;
        if (out.kind == SEGMENT_UUID && is_api)
            out.kind = SEGMENT_ITEM;
        return out;
    }
    out.kind = SEGMENT_CHOICE;
    out.choices = (struct span){colon + 1, out.name.n - (size_t)(colon - out.name.p) - 1};
    out.name.n = (size_t)(colon - out.name.p);
    return out;
}

static struct compiled compile(const struct route *route, size_t line)
{
    struct compiled c = {.route = route, .line = line};
    const char *p = route->pattern;
    size_t fields = 0;

    MUST(p[0] == '/');
    p++;
    c.has_slash = *p == 0;
    while (*p) {
        size_t n = strcspn(p, "/");
        MUST(n > 0 && c.segment_n < ROUTE_SEGMENTS_MAX);
        struct segment s = segment_compile(route->ask, (struct span){p, n}, route_is_api(route));
        fields += s.kind != SEGMENT_LITERAL;
        MUST(s.kind != SEGMENT_REST || p[n] == 0);
        c.segment[c.segment_n++] = s;
        c.has_slash = p[n] == '/';
        p += n + (p[n] == '/');
    }
    MUST(fields <= ROUTE_FIELDS_MAX);
    return c;
}

static int compare(const void *a, const void *b)
{
    const struct compiled *x = a, *y = b;

    for (size_t i = 0; i < x->segment_n && i < y->segment_n; i++)
        if (x->segment[i].kind != y->segment[i].kind)
            return (int)x->segment[i].kind - (int)y->segment[i].kind;
    return x->line < y->line ? -1 : 1;
}

struct routes *routes_new(const struct route *table)
{
    struct routes *r = calloc(1, sizeof *r);

    MUST(r && "memory");
    while (table[r->n].pattern)
        r->n++;
    r->compiled = calloc(r->n + 1, sizeof *r->compiled);
    MUST(r->compiled && "memory");
    for (size_t i = 0; i < r->n; i++)
        r->compiled[i] = compile(&table[i], i);
    qsort(r->compiled, r->n, sizeof *r->compiled, compare);
    return r;
}

void routes_free(struct routes **r)
{
    if (!*r)
        return;
    free((*r)->compiled);
    free(*r);
    *r = NULL;
}

/* ---- matching
 * ----------------------------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

struct span route_decode(struct arena *a, struct span s, bool plus_is_space)
{
    char *out;
    size_t n = 0;

    if (s.n == 0 || (!memchr(s.p, '%', s.n) && !(plus_is_space && memchr(s.p, '+', s.n))))
        return s;
    out = arena_get(a, s.n);
    for (size_t i = 0; i < s.n; i++) {
        bool is_escape =
            s.p[i] == '%' && s.n - i >= 3 && hex_value(s.p[i + 1]) >= 0 && hex_value(s.p[i + 2]) >= 0;
        if (is_escape) {
            out[n++] = (char)(hex_value(s.p[i + 1]) * 16 + hex_value(s.p[i + 2]));
            i += 2;
        } else {
            out[n++] = s.p[i] == '+' && plus_is_space ? ' ' : s.p[i];
        }
    }
    return (struct span){out, n};
}

/* False: a path that no pattern can have (too long, an empty segment, bytes that are not UTF-8). */
static bool path_split(struct arena *a, struct span raw, struct path *out)
{
    size_t start = 1;

    out->segment_n = 0;
    out->has_slash = raw.n > 0 && raw.p[raw.n - 1] == '/';
    for (size_t i = 1; i <= raw.n; i++) {
        if (i < raw.n && raw.p[i] != '/')
            continue;
        if (i == start && i == raw.n)
            break; /* behind the last slash */
        if (i == start || out->segment_n == ROUTE_SEGMENTS_MAX)
            return false;
        out->segment[out->segment_n] = route_decode(a, (struct span){raw.p + start, i - start}, false);
        if (!utf8_is_text(out->segment[out->segment_n++]))
            return false;
        start = i + 1;
    }
    return true;
}

static bool is_uuid(struct span s)
{
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool wants_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (wants_hyphen ? s.p[i] != '-' : hex_value(s.p[i]) < 0)
            return false;
    }
    return true;
}

static bool is_number(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= 20;
}

static bool is_choice(struct span choices, struct span s)
{
    size_t start = 0;

    for (size_t i = 0; i <= choices.n; i++) {
        if (i < choices.n && choices.p[i] != '|')
            continue;
        if (span_same((struct span){choices.p + start, i - start}, s))
            return true;
        start = i + 1;
    }
    return false;
}

static bool segment_matches(const struct segment *s, struct span text)
{
    switch (s->kind) {
    case SEGMENT_LITERAL:
        return span_same(s->name, text);
    case SEGMENT_CHOICE:
        return is_choice(s->choices, text);
    case SEGMENT_UUID:
        return is_uuid(text);
    case SEGMENT_NUMBER:
        return is_number(text);
    case SEGMENT_ITEM:
        return !memchr(text.p, '.', text.n);
    case SEGMENT_TEXT:
    case SEGMENT_REST:
        return true;
    }
    return false;
}

static bool pattern_matches(const struct compiled *c, const struct path *p, bool has_slash)
{
    bool has_rest = c->segment_n && c->segment[c->segment_n - 1].kind == SEGMENT_REST;

    if (has_rest ? p->segment_n < c->segment_n : p->segment_n != c->segment_n || has_slash != c->has_slash)
        return false;
    for (size_t i = 0; i < c->segment_n; i++)
        if (!segment_matches(&c->segment[i], p->segment[i]))
            return false;
    return true;
}

static struct span rest_of(struct arena *a, const struct path *p, size_t from)
{
    struct text t = {0};

    for (size_t i = from; i < p->segment_n; i++) {
        if (i > from)
            text_add(a, &t, SPAN("/"));
        text_add(a, &t, p->segment[i]);
    }
    if (p->has_slash)
        text_add(a, &t, SPAN("/"));
    return text_span(&t);
}

static void take(const struct compiled *c, struct arena *a, const struct path *p, struct route_match *out)
{
    out->route = c->route;
    out->capture_n = 0;
    for (size_t i = 0; i < c->segment_n; i++) {
        const struct segment *s = &c->segment[i];
        if (s->kind != SEGMENT_LITERAL)
            out->capture[out->capture_n++] =
                (struct capture){s->name, s->kind == SEGMENT_REST ? rest_of(a, p, i) : p->segment[i]};
    }
}

enum route_outcome routes_match(const struct routes *r, struct arena *a, enum http_method method,
                                struct span path, struct route_match *out)
{
    struct path p;
    const struct compiled *found = NULL, *get = NULL, *any = NULL;
    bool with_slash = false, has_options = false;

    *out = (struct route_match){0};
    if (!path_split(a, path, &p))
        return ROUTE_UNKNOWN;
    for (size_t i = 0; i < r->n; i++) {
        const struct compiled *c = &r->compiled[i];
        if (pattern_matches(c, &p, p.has_slash)) {
            out->methods |= 1u << c->route->method;
            has_options = has_options || c->route->then != THEN_JSONAPI_ALONE;
            if (!any)
                any = c;
            if (!found && c->route->method == method)
                found = c;
            if (!get && c->route->method == HTTP_GET)
                get = c;
        } else if (!p.has_slash && pattern_matches(c, &p, true)) {
            with_slash = true;
        }
    }
    if (get && get->route->then != THEN_JSONAPI_ALONE) {
        out->methods |= 1u << HTTP_HEAD;
        found = !found && method == HTTP_HEAD ? get : found;
    }
    if (has_options)
        out->methods |= 1u << HTTP_OPTIONS;
    if (found || any)
        take(found ? found : any, a, &p, out);
    return found          ? ROUTE_FOUND
           : out->methods ? ROUTE_OTHER_METHOD
           : with_slash   ? ROUTE_WITH_SLASH
                          : ROUTE_UNKNOWN;
}

struct span route_allow(struct arena *a, unsigned methods)
{
    struct text t = {0};

    for (unsigned m = 0; m < HTTP_METHODS; m++)
        if (methods & 1u << m)
            text_print(a, &t, "%s%s", t.n ? ", " : "", http_method_name((enum http_method)m));
    return text_span(&t);
}
