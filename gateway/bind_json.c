/* bind_json: JSON bodies, plain and JSON:API. The text is walked with the strict reader, level by level; a
 * value reaches its field as the very bytes that were sent. */
#include "bind.h"
#include "bind_private.h"
#include "errors.h"
#include "json_reader.h"
#include "log.h"
#include "utf8.h"
#include "wire.h"

/* Walks the members of one object. */
struct members {
    struct arena *arena;
    struct json_reader r;
};

static const struct json_limits limits = {.depth_max = 128, .values_max = 1000000};

/* ERR_INVALID: not an object. ERR_MALFORMED: not JSON. */
static int members_begin(struct members *m, struct arena *a, struct span text)
{
    struct json_token t;

    m->arena = a;
    json_reader_init(&m->r, text, &limits);
    TRY(json_reader_next(&m->r, &t));
    return t.type == JSON_TOKEN_OBJECT_BEGIN ? 0 : ERR_INVALID;
}

/* *more false at the end, which is then checked to be the end of the text. */
static int members_next(struct members *m, struct span *name, struct span *value, bool *more)
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

static int not_json(struct bind *b, const struct json_reader *r)
{
    struct json_error e = json_reader_error(r);

    b->code = "parse_error";
    b->why = arena_print(b->arena, "This is not JSON: line %u, column %u: %s", e.place.line, e.place.column,
                         json_why_text(e.why))
                 .p;
    return ERR_MALFORMED;
}

static int whole_is_wrong(struct bind *b, int err, const char *code, const char *why)
{
    b->code = code;
    b->why = why;
    return err;
}

/* Looks up members of an object by name: the last of equal names, as in JavaScript. Absent: {NULL,0}. */
static int pick(struct arena *a, struct span object, const char *const *names, struct span *values, size_t n)
{
    struct members m;
    struct span name, value;
    bool more = true;

    for (size_t i = 0; i < n; i++)
        values[i] = (struct span){NULL, 0};
    TRY(members_begin(&m, a, object));
    for (;;) {
        TRY(members_next(&m, &name, &value, &more));
        if (!more)
            return 0;
        for (size_t i = 0; i < n; i++)
            if (span_is(name, names[i]))
                values[i] = value;
    }
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
        bind_say(b, name, "null_characters_not_allowed", "Null characters are not allowed.");
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
        return whole_is_wrong(b, ERR_TOOBIG, "max_length", "This document is too big.");
    json_reader_init(&r, text, &strict);
    while (t.type != JSON_TOKEN_END)
        if (json_reader_next(&r, &t))
            return not_json(b, &r);
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
        return whole_is_wrong(b, ERR_MALFORMED, "parse_error", "A JSON object is expected.");
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
    return err ? not_json(b, &m.r) : 0;
}

/* ---- JSON:API
 * ----------------------------------------------------------------------------------------------------- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* expData, exp-data, ExpData, EXPData: exp_data. */
static struct span snake_case(struct arena *a, struct span s)
{
    char *out = arena_get(a, 2 * s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ends_run =
            i + 1 < s.n && i > 0 && is_upper(s.p[i - 1]) && s.p[i + 1] >= 'a' && s.p[i + 1] <= 'z';
        if (is_upper(c) && i > 0 && (is_lower_or_digit(s.p[i - 1]) || ends_run))
            out[n++] = '_';
        out[n++] = c == '-' ? '_' : is_upper(c) ? (char)(c + 32) : c;
    }
    return (struct span){out, n};
}

static int attributes_bind(struct bind *b, struct span object)
{
    struct members m;
    struct span name, value;
    bool more = true;
    size_t at;
    int err;

    if (object.n == 0 || span_is(object, "null"))
        return 0;
    err = members_begin(&m, b->arena, object);
    if (err)
        return whole_is_wrong(b, ERR_MALFORMED, "parse_error", "data.attributes must be an object.");
    for (;;) {
        TRY(members_next(&m, &name, &value, &more));
        if (!more)
            return 0;
        name = snake_case(b->arena, name);
        const struct field *f = bind_open_field(b, name, &at);
        if (f && span_is(value, "null") &&
            (f->type == FIELD_BOOL || f->type == FIELD_LIST || f->type == FIELD_JSON))
            bind_say(b, name, "null", "This field may not be null.");
        else if (f)
            member_bind(b, f, at, name, value);
    }
}

static void relationship_say(struct bind *b, struct span name, const char *code, const char *text)
{
    bind_say(b, name, code, text);
    if (b->error_n)
        b->error[b->error_n - 1].is_relationship = true;
}

static void relationship_type(struct bind *b, struct span name, struct span type)
{
    size_t at;
    struct span full = arena_print(b->arena, "%.*s_type", (int)name.n, name.p);
    const struct field *f = bind_open_field(b, full, &at);

    if (f && type.n)
        member_bind(b, f, at, full, type);
}

static int relationship_bind(struct bind *b, const struct field *f, size_t at, struct span name,
                             struct span value)
{
    static const char *const outer[] = {"data"};
    static const char *const inner[] = {"type", "id"};
    struct span data, found[2];
    const char *why;

    if (b->from[at] > FROM_BODY)
        return 0;
    b->from[at] = FROM_PATH; /* an attribute of the same name does not count any more */
    if (pick(b->arena, value, outer, &data, 1) || data.n == 0) {
        relationship_say(b, name, "incorrect_type",
                         "This relationship must be an object with a member data.");
    } else if (span_is(data, "null")) {
        if (!f->is_optional)
            relationship_say(b, name, "null", "This field may not be null.");
    } else if (pick(b->arena, data, inner, found, 2)) {
        relationship_say(b, name, "incorrect_type",
                         "This relationship names one thing: an object with type and id.");
    } else if (found[0].n == 0) {
        relationship_say(b, name, "missing_type", "This relationship lacks a type.");
    } else if (found[1].n == 0) {
        relationship_say(b, name, "missing_id", "This relationship lacks an id.");
    } else if (wire_field_from_json(b->arena, f, found[1], b->body, &why)) {
        return whole_is_wrong(b, ERR_NOTFOUND, "not_found", "Not found.");
    } else {
        relationship_type(b, name, found[0]);
    }
    return 0;
}

static int relationships_bind(struct bind *b, struct span object)
{
    struct members m;
    struct span name, value;
    bool more = true;
    size_t at;

    if (object.n == 0 || span_is(object, "null"))
        return 0;
    if (members_begin(&m, b->arena, object))
        return whole_is_wrong(b, ERR_MALFORMED, "parse_error", "data.relationships must be an object.");
    for (;;) {
        TRY(members_next(&m, &name, &value, &more));
        if (!more)
            return 0;
        const struct field *f = bind_open_field(b, name, &at);
        if (f)
            TRY(relationship_bind(b, f, at, name, value));
    }
}

/* Is this JSON value the string text? */
static bool is_string(struct span value, struct span text)
{
    return value.n >= 2 && value.p[0] == '"' &&
           json_string_is((struct span){value.p + 1, value.n - 2}, text.p, text.n);
}

int bind_jsonapi(struct bind *b, struct span text, struct span type, struct span id)
{
    static const char *const top[] = {"data"};
    static const char *const in_data[] = {"type", "id", "attributes", "relationships"};
    struct span data, part[4];
    struct json_reader r;
    int err;

    if (text.n == 0)
        return 0;
    err = json_valid(text, &limits, NULL);
    if (err) {
        struct json_token t = {.type = JSON_TOKEN_NULL};
        json_reader_init(&r, text, &limits);
        while (!json_reader_next(&r, &t) && t.type != JSON_TOKEN_END)
            ;
        return not_json(b, &r);
    }
    if (pick(b->arena, text, top, &data, 1) || data.n == 0 || data.p[0] != '{')
        return whole_is_wrong(b, ERR_MALFORMED, "parse_error", "The document needs an object named data.");
    TRY(pick(b->arena, data, in_data, part, 4));
    if (!is_string(part[0], type))
        return whole_is_wrong(b, ERR_CONFLICT, "error",
                              arena_print(b->arena, "data.type must be %.*s here.", (int)type.n, type.p).p);
    if (id.p && part[1].n == 0)
        return whole_is_wrong(b, ERR_MALFORMED, "parse_error", "data.id is required.");
    if (id.p && !is_string(part[1], id))
        return whole_is_wrong(b, ERR_CONFLICT, "error", "data.id is not the id in the address.");
    TRY(relationships_bind(b, part[3]));
    return attributes_bind(b, part[2]);
}
