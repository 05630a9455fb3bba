/* bind_jsonapi: JSON:API documents (spec of the API, 7). What is wrong with the document as such ends the
 * binding; what is wrong with attributes and relationships is collected. */
#include "bind.h"
#include "bind_private.h"
#include "crypt.h"
#include "errors.h"
#include "jsonapi.h"
#include "wire.h"

#define RELATION_TYPE_MAX 100u

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

static bool is_type_field(const struct bind *b, struct span name)
{
    static const char end[] = "_type";
    size_t n = sizeof end - 1;
    const struct field *f;

    if (name.n <= n || memcmp(name.p + name.n - n, end, n) != 0)
        return false;
    f = message_field(b->m, (struct span){name.p, name.n - n});
    return f && f->type == FIELD_UUID;
}

static void field_put_text(struct bind *b, const struct field *f, struct span text)
{
    *(struct span *)(void *)((char *)b->body + f->offset) = text;
    field_set_there(f, b->body, true);
}

/* ---- relationships
 * ---------------------------------------------------------------------------------------------- */

/* The string's value; of anything else the text as it stands. */
static struct span text_of(struct bind *b, struct span value)
{
    char *plain;
    size_t n;

    if (value.n < 2 || value.p[0] != '"')
        return value;
    plain = arena_get(b->arena, value.n);
    if (json_string_unescape((struct span){value.p + 1, value.n - 2}, plain, value.n, &n))
        return value;
    return (struct span){plain, n};
}

/* An id that is no uuid is nobody's: the zeros. */
static void id_put(struct bind *b, const struct field *f, struct span value)
{
    struct uuid id = {{0}};

    if (value.p[0] != '"' || uuid_read(text_of(b, value), &id))
        id = (struct uuid){{0}};
    *(struct uuid *)(void *)((char *)b->body + f->offset) = id;
    field_set_there(f, b->body, true);
}

static void type_put(struct bind *b, const struct field *type, struct span value)
{
    struct span text = text_of(b, value);

    if (text.n > RELATION_TYPE_MAX || (text.n && memchr(text.p, 0, text.n)))
        text = SPAN("something else");
    field_put_text(b, type, text);
}

/* data: {"type":…,"id":…} or null. */
static void identifier_bind(struct bind *b, const struct field *f, struct span data)
{
    static const char *const names[] = {"type", "id"};
    struct span name = span_of(f->name), found[2];

    if (span_is(data, "null")) {
        bind_say_at(b, name, true, "null", "This field may not be null.");
        return;
    }
    if (pick(b->arena, data, names, found, 2)) {
        bind_say_at(b, name, true, "incorrect_type",
                    "This relationship names one thing: an object with type and id.");
        return;
    }
    if (found[0].n == 0)
        bind_say_at(b, name, true, "missing_type", "This relationship lacks a type.");
    else
        type_put(b, message_field(b->m, arena_print(b->arena, "%s_type", f->name)), found[0]);
    if (found[1].n == 0 || span_is(found[1], "null"))
        bind_say_at(b, name, true, "missing_id", "This relationship lacks an id.");
    else
        id_put(b, f, found[1]);
}

static void relationship_bind(struct bind *b, const struct field *f, struct span value)
{
    static const char *const names[] = {"data"};
    struct span data;

    if (pick(b->arena, value, names, &data, 1))
        bind_say_at(b, span_of(f->name), true, "incorrect_type",
                    "A relationship is an object with a member data.");
    else
        identifier_bind(b, f, data.n ? data : SPAN("null"));
}

/* Every member of an object that may be left out. */
static int members_each(struct bind *b, struct span object, const char *why_not,
                        void (*one)(struct bind *b, struct span name, struct span value))
{
    struct members m;
    struct span name, value;
    bool more = true;

    if (object.n == 0 || span_is(object, "null"))
        return 0;
    if (members_begin(&m, b->arena, object))
        return bind_refuse(b, ERR_MALFORMED, "parse_error", why_not);
    for (;;) {
        TRY(members_next(&m, &name, &value, &more));
        if (!more)
            return 0;
        one(b, name, value);
    }
}

static void relationship_try(struct bind *b, struct span name, struct span value)
{
    size_t at;
    const struct field *f = bind_open_field(b, name, &at);

    if (!f || !bind_is_relationship(b, f) || b->from[at] > FROM_BODY)
        return;
    b->from[at] = FROM_PATH; /* an attribute of the same name does not count any more */
    relationship_bind(b, f, value);
}

/* ---- attributes
 * ------------------------------------------------------------------------------------------------- */

/* A relationship among the attributes is taken for what it is, if it looks like one. */
static void stray_bind(struct bind *b, const struct field *f, struct span value)
{
    if (value.p[0] == '{')
        identifier_bind(b, f, value);
    else
        bind_say_at(b, span_of(f->name), true, span_is(value, "null") ? "null" : "incorrect_type",
                    "This belongs into relationships.");
}

static void attribute_try(struct bind *b, struct span key, struct span value)
{
    size_t at;
    struct span name = jsonapi_key(b->arena, key);
    const struct field *f = bind_open_field(b, name, &at);

    if (!f || b->from[at] > FROM_BODY || is_type_field(b, name))
        return;
    if (bind_is_relationship(b, f))
        stray_bind(b, f, value);
    else
        attribute_bind(b, f, at, value);
}

/* ---- the document
 * ---------------------------------------------------------------------------------------------- */

/* Is this JSON value the string text? */
static bool is_string(struct span value, struct span text)
{
    return value.n >= 2 && value.p[0] == '"' &&
           json_string_is((struct span){value.p + 1, value.n - 2}, text.p, text.n);
}

static int document_put(struct bind *b, struct span text)
{
    const struct field *f = message_field(b->m, SPAN("document"));

    if (!f)
        return 0;
    if (text.n > f->max)
        return bind_refuse(b, ERR_TOOBIG, "error", "This document is too big.");
    field_put_text(b, f, text);
    return 0;
}

int bind_jsonapi(struct bind *b, struct span text, struct span type, struct span id)
{
    static const char *const top[] = {"data"};
    static const char *const in_data[] = {"type", "id", "attributes", "relationships"};
    struct span data, part[4];

    if (text.n == 0)
        return 0;
    TRY(document_check(b, text));
    if (pick(b->arena, text, top, &data, 1) || data.n == 0 || data.p[0] != '{')
        return bind_refuse(b, ERR_MALFORMED, "parse_error", "The document needs an object named data.");
    TRY(pick(b->arena, data, in_data, part, 4));
    if (!is_string(part[0], type))
        return bind_refuse(b, ERR_CONFLICT, "error",
                           arena_print(b->arena, "data.type must be %.*s here.", (int)type.n, type.p).p);
    if (id.p && part[1].n == 0)
        return bind_refuse(b, ERR_MALFORMED, "parse_error", "data.id is required.");
    if (id.p && !is_string(part[1], id))
        return bind_refuse(b, ERR_CONFLICT, "error", "data.id is not the id in the address.");
    TRY(document_put(b, text));
    TRY(members_each(b, part[3], "data.relationships must be an object.", relationship_try));
    return members_each(b, part[2], "data.attributes must be an object.", attribute_try);
}
