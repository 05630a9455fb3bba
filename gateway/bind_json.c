/* bind_json: JSON bodies. The text is walked with the strict reader, level by level; a value reaches its
 * field as the very bytes that were sent. */
#include "bind.h"
#include "bind_private.h"
#include "errors.h"
#include "json_reader.h"
#include "wire.h"

static const struct json_limits limits = {.depth_max = 128, .values_max = 1000000};

int members_begin(struct members *m, struct arena *a, struct span text)
{
    struct json_token t;

    m->arena = a;
    json_reader_init(&m->r, text, &limits);
    TRY(json_reader_next(&m->r, &t));
    return t.type == JSON_TOKEN_OBJECT_BEGIN ? 0 : ERR_INVALID;
}

int members_next(struct members *m, struct span *name, struct span *value, bool *more)
{
    struct json_token t;
    size_t start;
    unsigned depth = 0;
    char *plain;

    TRY(json_reader_next(&m->r, &t));
    *more = t.type == JSON_TOKEN_KEY;
    if (!*more)
        return json_reader_next(&m->r, &t);
    plain = arena_get(m->arena, t.text.n + 1);
    TRY(json_string_unescape(t.text, plain, t.text.n + 1, &name->n));
    name->p = plain;
    TRY(json_reader_next(&m->r, &t));
    for (start = t.at;;) {
        depth += t.type == JSON_TOKEN_OBJECT_BEGIN || t.type == JSON_TOKEN_ARRAY_BEGIN;
        depth -= t.type == JSON_TOKEN_OBJECT_END || t.type == JSON_TOKEN_ARRAY_END;
        if (depth == 0)
            break;
        TRY(json_reader_next(&m->r, &t));
    }
    *value = (struct span){m->r.text.p + start, t.end - start};
    return 0;
}

int bind_not_json(struct bind *b, const struct json_reader *r)
{
    struct json_error e = json_reader_error(r);

    b->code = "parse_error";
    b->why = arena_print(b->arena, "This is not JSON: line %u, column %u: %s", e.place.line, e.place.column,
                         json_why_text(e.why))
                 .p;
    return ERR_MALFORMED;
}

int bind_refuse(struct bind *b, int err, const char *code, const char *why)
{
    b->code = code;
    b->why = why;
    return err;
}

static bool holds_zero_character(struct span value)
{
    static const struct json_limits strict = {.depth_max = 128, .refuse_nul = true};
    struct json_error e;

    return json_valid(value, &strict, &e) && e.why == JSON_HAS_NUL;
}

/* A string loses blanks at both ends, as in forms; everything else passes. */
static struct span json_clean(struct bind *b, const struct field *f, struct span value)
{
    char *plain;
    size_t n;

    if (f->type != FIELD_STR || value.n < 2 || value.p[0] != '"')
        return value;
    plain = arena_get(b->arena, value.n);
    if (json_string_unescape((struct span){value.p + 1, value.n - 2}, plain, value.n, &n))
        return value;
    return bind_clean(b->arena, f, (struct span){plain, n});
}

static void member_bind(struct bind *b, const struct field *f, size_t at, struct span name, struct span value)
{
    const char *why = "";
    struct span clean;
    int err;

    if (b->from[at] > FROM_BODY)
        return;
    b->from[at] = FROM_BODY;
    if (span_is(value, "null") && f->type != FIELD_JSON && !f->is_optional) {
        bind_say(b, name, "null", "This field may not be null.");
        return;
    }
    if (holds_zero_character(value)) {
        bind_say(b, name, "null_characters_not_allowed", "U+0000 cannot be kept.");
        return;
    }
    clean = json_clean(b, f, value);
    if (clean.p != value.p) /* a string that was taken out of its quotes */
        err = wire_field_from_text(b->arena, f, clean, b->body, &why);
    else
        err = wire_field_from_json(b->arena, f, value, b->body, &why);
    if (err)
        bind_say(b, name,
                 f->type == FIELD_STR && value.n > f->max     ? "max_length"
                 : f->type == FIELD_LIST && value.p[0] != '[' ? "not_a_list"
                                                              : "invalid",
                 why);
}

/* The whole document into one field, as the bytes that were sent. */
static int document_bind(struct bind *b, const struct field *f, size_t at, struct span text)
{
    static const struct json_limits strict = {
        .depth_max = BIND_DEPTH_MAX, .values_max = 1000000, .refuse_nul = true};
    struct json_reader r;
    struct json_token t = {.type = JSON_TOKEN_NULL};

    if (text.n > f->max)
        return bind_refuse(b, ERR_TOOBIG, "max_length", "This document is too big.");
    json_reader_init(&r, text, &strict);
    while (t.type != JSON_TOKEN_END)
        if (json_reader_next(&r, &t))
            return bind_not_json(b, &r);
    *(struct span *)(void *)((char *)b->body + f->offset) = text;
    field_set_there(f, b->body, true);
    b->from[at] = FROM_BODY;
    return 0;
}

int bind_json(struct bind *b, struct span text)
{
    struct members m;
    struct span name, value;
    bool more = true;
    size_t at;
    int err;

    const struct field *whole = bind_open_field(b, SPAN("body"), &at);

    if (text.n == 0)
        return 0;
    if (whole && whole->type == FIELD_JSON)
        return document_bind(b, whole, at, text);
    err = members_begin(&m, b->arena, text);
    if (err == ERR_INVALID)
        return bind_refuse(b, ERR_MALFORMED, "parse_error", "A JSON object is expected.");
    while (!err) {
        err = members_next(&m, &name, &value, &more);
        if (err || !more)
            break;
        const struct field *f = bind_open_field(b, name, &at);
        if (!f || b->from[at] > FROM_BODY)
            bind_say(b, name, "unknown", "There is no such field here.");
        else
            member_bind(b, f, at, name, value);
    }
    return err ? bind_not_json(b, &m.r) : 0;
}
