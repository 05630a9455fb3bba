/* json: the tree. Built from the reader's tokens in one pass, with a stack for the open containers, so
 * nothing recurses. */
#include "json.h"

#include "errors.h"
#include "json_reader.h"
#include "log.h"

struct json {
    enum json_kind kind;
    struct span key;    /* of a member, unescaped */
    struct span source; /* as written */
    union {
        struct span text; /* JSON_STRING, unescaped */
        struct {
            const struct json **items;
            size_t n;
        };
    };
    struct json *next; /* in the same container; needed only while the tree is built */
};

struct builder {
    struct arena *arena;
    struct span key; /* of the next value */
    struct json *root;
    uint32_t depth;
    struct open {
        struct json *container, *first, *last;
    } open[JSON_DEPTH_DEFAULT];
};

static struct span string_value(struct arena *a, const struct json_token *t)
{
    char *out;
    size_t n;

    if (!t->has_escapes)
        return t->text;
    out = arena_room(a, t->text.n + 1);
    MUST(json_string_unescape(t->text, out, t->text.n, &n) == 0);
    return (struct span){out, n};
}

static struct json *value_add(struct builder *b, enum json_kind kind, const struct json_token *t)
{
    struct json *v = arena_get(b->arena, sizeof *v);
    struct open *top = b->depth ? &b->open[b->depth - 1] : NULL;

    v->kind = kind;
    v->key = b->key;
    v->source = t->type == JSON_TOKEN_STRING ? (struct span){t->text.p - 1, t->text.n + 2} : t->text;
    b->key = (struct span){NULL, 0};
    if (!top) {
        b->root = v;
        return v;
    }
    if (top->last)
        top->last->next = v;
    else
        top->first = v;
    top->last = v;
    top->container->n++;
    return v;
}

/* text: of the whole document, to find the place of the bracket. */
static void container_begin(struct builder *b, struct span text, enum json_kind kind,
                            const struct json_token *t)
{
    struct json *v = value_add(b, kind, t);

    v->source = (struct span){text.p + t->at, 0};
    MUST(b->depth < JSON_DEPTH_DEFAULT);
    b->open[b->depth++] = (struct open){.container = v};
}

static void container_end(struct builder *b, struct span text, const struct json_token *t)
{
    struct open *top = &b->open[--b->depth];
    struct json *v = top->container;
    size_t i = 0;

    v->source.n = (size_t)(text.p + t->end - v->source.p);
    v->items = arena_get(b->arena, v->n * sizeof(struct json *));
    for (const struct json *item = top->first; item; item = item->next)
        v->items[i++] = item;
}

static void token_add(struct builder *b, struct span text, const struct json_token *t)
{
    switch (t->type) {
    case JSON_TOKEN_OBJECT_BEGIN:
        container_begin(b, text, JSON_OBJECT, t);
        break;
    case JSON_TOKEN_ARRAY_BEGIN:
        container_begin(b, text, JSON_ARRAY, t);
        break;
    case JSON_TOKEN_OBJECT_END:
    case JSON_TOKEN_ARRAY_END:
        container_end(b, text, t);
        break;
    case JSON_TOKEN_KEY:
        b->key = string_value(b->arena, t);
        break;
    case JSON_TOKEN_STRING:
        value_add(b, JSON_STRING, t)->text = string_value(b->arena, t);
        break;
    case JSON_TOKEN_NUMBER:
        (void)value_add(b, JSON_NUMBER, t);
        break;
    case JSON_TOKEN_TRUE:
    case JSON_TOKEN_FALSE:
        (void)value_add(b, JSON_BOOL, t);
        break;
    case JSON_TOKEN_NULL:
        (void)value_add(b, JSON_NULL, t);
        break;
    case JSON_TOKEN_END:
        break;
    }
}

int json_parse(struct arena *a, struct span text, const struct json **out, const char **why)
{
    struct span copy = arena_copy(a, text);
    struct builder b = {.arena = a};
    struct json_reader r;
    struct json_token t;
    int err;

    *out = NULL;
    json_reader_init(&r, copy, NULL);
    do {
        err = json_reader_next(&r, &t);
        if (err == 0)
            token_add(&b, copy, &t);
    } while (err == 0 && t.type != JSON_TOKEN_END);
    if (why)
        *why = json_why_text(r.why);
    if (err == 0)
        *out = b.root;
    return err;
}

enum json_kind json_kind(const struct json *v)
{
    return v ? v->kind : JSON_NULL;
}

static bool is_container(const struct json *v)
{
    return v && (v->kind == JSON_OBJECT || v->kind == JSON_ARRAY);
}

const struct json *json_get(const struct json *object, const char *key)
{
    return json_get_span(object, span_of(key));
}

const struct json *json_get_span(const struct json *object, struct span key)
{
    if (json_kind(object) != JSON_OBJECT)
        return NULL;
    for (size_t i = object->n; i > 0; i--)
        if (span_same(object->items[i - 1]->key, key))
            return object->items[i - 1];
    return NULL;
}

size_t json_size(const struct json *v)
{
    return is_container(v) ? v->n : 0;
}

const struct json *json_at(const struct json *array, size_t i)
{
    return i < json_size(array) ? array->items[i] : NULL;
}

bool json_next(const struct json *object, size_t *it, struct span *key, const struct json **value)
{
    if (json_kind(object) != JSON_OBJECT || *it >= object->n)
        return false;
    *value = object->items[(*it)++];
    *key = (*value)->key;
    return true;
}

struct span json_string(const struct json *v)
{
    return json_kind(v) == JSON_STRING ? v->text : (struct span){NULL, 0};
}

bool json_bool(const struct json *v)
{
    return json_kind(v) == JSON_BOOL && v->source.p[0] == 't';
}

int json_i64(const struct json *v, int64_t *out)
{
    struct span s = json_number(v);
    bool is_negative = s.n && s.p[0] == '-';
    int64_t value = 0;

    if (s.n == 0)
        return ERR_MALFORMED;
    for (size_t i = is_negative; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, is_negative ? -digit : digit, &value))
            return ERR_MALFORMED;
    }
    *out = value;
    return 0;
}

struct span json_number(const struct json *v)
{
    return json_kind(v) == JSON_NUMBER ? v->source : (struct span){NULL, 0};
}

/* The source once more through the reader and out through the writer; strings and numbers pass as they are.
 */
struct span json_text(struct arena *a, const struct json *v)
{
    struct json_reader r;
    struct json_token t = {0};
    struct json_out o;

    if (!v)
        return SPAN("null");
    json_out_init(&o, a);
    json_reader_init(&r, v->source, NULL);
    while (t.type != JSON_TOKEN_END || r.pos == 0) {
        MUST(json_reader_next(&r, &t) == 0);
        if (t.type == JSON_TOKEN_OBJECT_BEGIN)
            json_object(&o);
        else if (t.type == JSON_TOKEN_ARRAY_BEGIN)
            json_array(&o);
        else if (t.type == JSON_TOKEN_OBJECT_END || t.type == JSON_TOKEN_ARRAY_END)
            json_end(&o);
        else if (t.type == JSON_TOKEN_KEY)
            json_key(&o, string_value(a, &t));
        else if (t.type != JSON_TOKEN_END)
            json_add_raw(&o, (struct span){v->source.p + t.at, t.end - t.at});
    }
    return json_out_span(&o);
}
