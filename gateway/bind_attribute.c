/* bind_attribute: values of a JSON:API document (spec of the API, 7 and 9.4). They are taken more kindly than
 * those of other JSON: a truth may be a text, a text a number; and refused with the words that scripts know.
 */
#include "bind.h"
#include "bind_private.h"
#include "errors.h"
#include "jsonapi.h"
#include "wire.h"

#define DOCUMENT_DEPTH_MAX 64u
#define DOCUMENT_VALUES_MAX 1000000u

static const struct json_limits document_limits = {.depth_max = DOCUMENT_DEPTH_MAX,
                                                   .values_max = DOCUMENT_VALUES_MAX};

/* ---- the whole
 * ---------------------------------------------------------------------------------------------------- */

static bool holds_zero(struct span escaped)
{
    for (size_t i = 0; i + 6 <= escaped.n; i++) {
        if (escaped.p[i] != '\\')
            continue;
        if (memcmp(escaped.p + i, "\\u0000", 6) == 0)
            return true;
        i++; /* what is escaped is no backslash of its own */
    }
    return false;
}

static void token_look(struct bind_oddities *odd, const struct json_token *t)
{
    if ((t->type == JSON_TOKEN_STRING || t->type == JSON_TOKEN_KEY) && t->has_escapes)
        odd->has_zero = odd->has_zero || holds_zero(t->text);
    else if (t->type == JSON_TOKEN_NUMBER)
        odd->has_number = odd->has_number || !jsonapi_number_fits(t->text);
}

static int text_look(struct json_reader *r, struct span text, struct bind_oddities *odd)
{
    struct json_token t = {.type = JSON_TOKEN_NULL};

    *odd = (struct bind_oddities){0};
    json_reader_init(r, text, &document_limits);
    while (t.type != JSON_TOKEN_END) {
        TRY(json_reader_next(r, &t));
        token_look(odd, &t);
    }
    return 0;
}

int document_check(struct bind *b, struct span text)
{
    struct json_reader r;

    return text_look(&r, text, &b->odd) ? bind_not_json(b, &r) : 0;
}

/* ---- one value
 * ---------------------------------------------------------------------------------------------------- */

struct value {
    struct bind *b;
    const struct field *f;
    struct span place; /* for faults */
    struct json_token t;
};

static void say(const struct value *v, const char *code, const char *text)
{
    bind_say_at(v->b, v->place, false, code, text);
}

/* The value as it stands, when nothing in it is beyond PostgreSQL. */
static void json_bind(const struct value *v, struct span value)
{
    struct bind_oddities odd = {0};
    struct json_reader r;

    if (v->b->odd.has_zero || v->b->odd.has_number)
        (void)text_look(&r, value, &odd); /* valid: the whole was */
    if (odd.has_zero) {
        say(v, "null_characters_not_allowed", "U+0000 cannot be kept.");
    } else if (odd.has_number) {
        say(v, "invalid", "This holds a number that is too big.");
    } else if (value.n > v->f->max) {
        say(v, "max_length", "This is too long.");
    } else {
        *(struct span *)(void *)((char *)v->b->body + v->f->offset) = value;
        field_set_there(v->f, v->b->body, true);
    }
}

/* The text of a string or a number, without the blanks around it. False, and said: it is none. */
static bool text_of(const struct value *v, struct span *out)
{
    char *plain;

    if (v->t.type == JSON_TOKEN_NUMBER) {
        *out = jsonapi_number(v->b->arena, v->t.text);
        return out->p || (say(v, "invalid", "This must be a text."), false);
    }
    if (v->t.type != JSON_TOKEN_STRING) {
        say(v, "invalid", "This must be a text.");
        return false;
    }
    *out = v->t.text;
    if (v->t.has_escapes) {
        plain = arena_get(v->b->arena, v->t.text.n + 1);
        if (json_string_unescape(v->t.text, plain, v->t.text.n, &out->n))
            return false; /* it passed the reader */
        out->p = plain;
    }
    *out = jsonapi_strip(*out);
    return true;
}

static bool text_check(const struct value *v, struct span text)
{
    if (text.n && memchr(text.p, 0, text.n))
        say(v, "null_characters_not_allowed", "U+0000 cannot be kept.");
    else if (text.n == 0)
        say(v, "blank", "This may not be empty.");
    else if (text.n > v->f->max)
        say(v, "max_length", "This is too long.");
    else
        return true;
    return false;
}

static void text_bind(const struct value *v)
{
    struct span text;

    if (!text_of(v, &text) || !text_check(v, text))
        return;
    *(struct span *)(void *)((char *)v->b->body + v->f->offset) = text;
    field_set_there(v->f, v->b->body, true);
}

static bool is_word(struct span text, const char *const *words)
{
    char low[8] = {0};

    if (text.n >= sizeof low)
        return false;
    for (size_t i = 0; i < text.n; i++)
        low[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] + 32) : text.p[i];
    for (; *words; words++)
        if (strcmp(low, *words) == 0)
            return true;
    return false;
}

static void truth_bind(const struct value *v)
{
    static const char *const yes[] = {"true", "t", "yes", "y", "on", "1", NULL};
    static const char *const no[] = {"false", "f", "no", "n", "off", "0", NULL};
    struct span text = v->t.text;
    bool is_yes = v->t.type == JSON_TOKEN_TRUE, is_no = v->t.type == JSON_TOKEN_FALSE;

    if (v->t.type == JSON_TOKEN_STRING) {
        text = jsonapi_strip(text);
        is_yes = is_word(text, yes);
        is_no = is_word(text, no);
    } else if (v->t.type == JSON_TOKEN_NUMBER) {
        text = jsonapi_number(v->b->arena, text);
        is_yes = span_is(text, "1") || span_is(text, "1.0");
        is_no = span_is(text, "0") || span_is(text, "0.0") || span_is(text, "-0.0");
    }
    if (!is_yes && !is_no) {
        say(v, "invalid", "This must be true or false.");
        return;
    }
    *((bool *)v->b->body + v->f->offset) = is_yes;
    field_set_there(v->f, v->b->body, true);
}

static bool is_digits(struct span text)
{
    bool has_sign = text.n && (text.p[0] == '-' || text.p[0] == '+');
    size_t i = has_sign;

    while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
        i++;
    return i == text.n && i > has_sign;
}

/* "12", 12 and 12.0 are twelve. */
static struct span whole_of(struct span text)
{
    size_t point = 0;

    while (point < text.n && text.p[point] != '.')
        point++;
    for (size_t i = point + 1; i < text.n; i++)
        if (text.p[i] != '0')
            return text;
    return (struct span){text.p, point};
}

static void number_bind(const struct value *v)
{
    bool may_be = v->t.type == JSON_TOKEN_STRING || v->t.type == JSON_TOKEN_NUMBER;
    struct span text = whole_of(jsonapi_strip(v->t.text));
    const char *why;

    if (!may_be || !is_digits(text)) {
        say(v, "invalid", "This must be a whole number.");
        return;
    }
    if (text.p[0] == '+')
        text.p++, text.n--;
    if (wire_field_from_text(v->b->arena, v->f, text, v->b->body, &why))
        say(v, text.p[0] == '-' ? "min_value" : "max_value", why);
}

/* Leaves a value that is a list or an object. */
static bool value_leave(struct json_reader *r, struct json_token *t)
{
    uint32_t depth = r->depth;

    if (t->type != JSON_TOKEN_ARRAY_BEGIN && t->type != JSON_TOKEN_OBJECT_BEGIN)
        return true;
    while (r->depth >= depth)
        if (json_reader_next(r, t))
            return false;
    return true;
}

/* An item that is wrong is empty, so that the others keep their places. */
static struct span item_of(const struct value *v)
{
    struct span text;

    if (v->t.type == JSON_TOKEN_NULL)
        say(v, "null", "This field may not be null.");
    else if (text_of(v, &text) && text_check(v, text))
        return text;
    return SPAN("");
}

static void list_bind(struct value *v, struct json_reader *r)
{
    struct span name = v->place, item;
    const char *why;

    if (v->t.type != JSON_TOKEN_ARRAY_BEGIN) {
        say(v, "not_a_list", "This must be a list.");
        return;
    }
    *(struct list *)(void *)((char *)v->b->body + v->f->offset) = (struct list){0};
    field_set_there(v->f, v->b->body, true);
    for (size_t i = 0; !json_reader_next(r, &v->t) && v->t.type != JSON_TOKEN_ARRAY_END; i++) {
        v->place = arena_print(v->b->arena, "%.*s/%zu", (int)name.n, name.p, i);
        item = item_of(v);
        if (!value_leave(r, &v->t))
            return;
        if (wire_list_add(v->b->arena, v->f, item, v->b->body, &why)) {
            v->place = name;
            say(v, "max_length", why);
            return;
        }
    }
}

/* ---- any value
 * ---------------------------------------------------------------------------------------------------- */

/* Of two keys that are one attribute the later counts. */
static void errors_forget(struct bind *b, struct span name)
{
    size_t n = 0;

    for (size_t i = 0; i < b->error_n; i++) {
        struct span place = b->error[i].field;
        bool is_inside = place.n >= name.n && memcmp(place.p, name.p, name.n) == 0 &&
                         (place.n == name.n || place.p[name.n] == '/');
        if (!is_inside || b->error[i].is_relationship)
            b->error[n++] = b->error[i];
    }
    b->error_n = n;
}

static void null_bind(const struct value *v)
{
    const struct field *nulls = message_field(v->b->m, SPAN("nulls"));
    const char *why;

    if (!v->f->is_optional || v->f->type == FIELD_BOOL || v->f->type == FIELD_LIST ||
        v->f->type == FIELD_JSON) {
        say(v, "null", "This field may not be null.");
        return;
    }
    field_set_there(v->f, v->b->body, false);
    if (nulls && wire_list_add(v->b->arena, nulls, span_of(v->f->name), v->b->body, &why))
        say(v, "null", why); /* the same name, many times over */
}

void attribute_bind(struct bind *b, const struct field *f, size_t at, struct span value)
{
    struct value v = {b, f, span_of(f->name), {.type = JSON_TOKEN_NULL}};
    struct json_reader r;
    const char *why = "";

    b->from[at] = FROM_BODY;
    errors_forget(b, v.place);
    json_reader_init(&r, value, &document_limits);
    if (json_reader_next(&r, &v.t))
        return; /* it passed the reader */
    if (v.t.type == JSON_TOKEN_NULL)
        null_bind(&v);
    else if (f->type == FIELD_JSON)
        json_bind(&v, value);
    else if (f->type == FIELD_STR)
        text_bind(&v);
    else if (f->type == FIELD_BOOL)
        truth_bind(&v);
    else if (f->type == FIELD_LIST)
        list_bind(&v, &r);
    else if (f->type <= FIELD_I64)
        number_bind(&v);
    else if (wire_field_from_json(b->arena, f, value, b->body, &why))
        say(&v, "invalid", why);
}
