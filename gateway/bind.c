/* bind: see the header. */
#include "bind.h"

#include "bind_private.h"
#include "crypt.h"
#include "errors.h"
#include "json.h"
#include "log.h"
#include "wire.h"

#define BODY_CAP ((uint64_t)64 << 20)

static const char *const reserved[] = {"viewer", "session", "address", "origin",   "path",     "query",
                                       "method", "faults",  "nulls",   "document", "signature"};

void bind_init(struct bind *b, struct arena *a, const struct message *m)
{
    *b = (struct bind){.arena = a, .m = m};
    b->body = arena_get(a, m->size ? m->size : 1);
    b->from = arena_get(a, m->field_n + 1);
}

void bind_say_at(struct bind *b, struct span place, bool is_relationship, const char *code, const char *text)
{
    if (b->error_n < BIND_ERRORS_MAX)
        b->error[b->error_n++] = (struct bind_error){place, code, text, is_relationship};
}

void bind_say(struct bind *b, struct span field, const char *code, const char *text)
{
    bind_say_at(b, field, false, code, text);
}

static bool is_reserved(struct span name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (span_is(name, reserved[i]))
            return true;
    return false;
}

const struct field *bind_open_field(const struct bind *b, struct span name, size_t *index)
{
    const struct field *f = message_field(b->m, name);

    if (!f || is_reserved(name))
        return NULL;
    *index = (size_t)(f - b->m->field);
    return f;
}

bool bind_is_relationship(const struct bind *b, const struct field *f)
{
    return f->type == FIELD_UUID && message_field(b->m, arena_print(b->arena, "%s_type", f->name));
}

/* ---- the gateway's own
 * -------------------------------------------------------------------------------------------- */

static void *own(struct bind *b, const char *name, enum field_type type, enum field_type other)
{
    const struct field *f = message_field(b->m, span_of(name));

    if (!f)
        return NULL;
    MUST(f->type == type || f->type == other);
    b->from[f - b->m->field] = FROM_GATEWAY;
    field_set_there(f, b->body, true);
    return (char *)b->body + f->offset;
}

void bind_own_number(struct bind *b, const char *name, uint64_t v)
{
    const struct field *f = message_field(b->m, span_of(name));
    void *at;

    if (f && f->type == FIELD_U32) {
        MUST(v <= UINT32_MAX);
        at = own(b, name, FIELD_U32, FIELD_U32);
        *(uint32_t *)at = (uint32_t)v;
    } else if ((at = own(b, name, FIELD_U64, FIELD_U64)) != NULL) {
        *(uint64_t *)at = v;
    }
}

void bind_own_text(struct bind *b, const char *name, struct span v)
{
    struct span *at = own(b, name, FIELD_STR, FIELD_BIN);

    if (at)
        *at = v;
}

void bind_own_uuid(struct bind *b, const char *name, const struct uuid *v)
{
    struct uuid *at = own(b, name, FIELD_UUID, FIELD_UUID);

    if (at)
        *at = *v;
}

void bind_own_texts(struct bind *b, const char *name, const struct span *v, size_t n)
{
    struct list *at = own(b, name, FIELD_LIST, FIELD_LIST);

    if (at)
        *at = (struct list){v, n};
}

/* ---- path, query, form
 * -------------------------------------------------------------------------------------------- */

int bind_path(struct bind *b, const struct capture *c, size_t n)
{
    const char *why;
    size_t at;

    for (size_t i = 0; i < n; i++) {
        const struct field *f = bind_open_field(b, c[i].name, &at);
        if (!f)
            continue;
        if (wire_field_from_text(b->arena, f, c[i].value, b->body, &why))
            return ERR_NOTFOUND;
        b->from[at] = FROM_PATH;
    }
    return 0;
}

struct span bind_clean(struct arena *a, const struct field *f, struct span text)
{
    char *out;
    size_t n = 0;

    if (f->type == FIELD_STR && strstr(f->name, "password") == NULL) {
        while (text.n && strchr(" \t\r\n", text.p[0]) && text.p[0])
            text.p++, text.n--;
        while (text.n && strchr(" \t\r\n", text.p[text.n - 1]) && text.p[text.n - 1])
            text.n--;
    }
    if (text.n == 0 || !memchr(text.p, '\r', text.n))
        return text;
    out = arena_get(a, text.n);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
            out[n++] = text.p[i];
    return (struct span){out, n};
}

static struct span field_name(struct arena *a, struct span name)
{
    char *out;

    if (name.n == 0 || !memchr(name.p, '-', name.n))
        return name;
    out = arena_get(a, name.n);
    for (size_t i = 0; i < name.n; i++)
        out[i] = name.p[i] == '-' ? '_' : name.p[i];
    return (struct span){out, name.n};
}

static const char *code_of(const struct field *f, struct span text)
{
    return f->type == FIELD_STR && text.n > f->max ? "max_length" : "invalid";
}

static bool is_text_like(enum field_type type)
{
    return type == FIELD_STR || type == FIELD_LIST;
}

static void value_bind(struct bind *b, const struct form_value *v, bool is_form)
{
    size_t at;
    const char *why = "";
    struct span name = field_name(b->arena, v->name), text = v->value;
    const struct field *f = bind_open_field(b, name, &at);
    uint8_t from = is_form ? FROM_BODY : FROM_QUERY;
    int err;

    if (!f || b->from[at] > from)
        return;
    if (is_form)
        text = bind_clean(b->arena, f, text);
    if (text.n == 0 && !is_text_like(f->type))
        return; /* an empty box of a number, a date, an id: not given */
    if (f->type == FIELD_LIST) {
        if (text.n == 0)
            return;
        err = wire_list_add(b->arena, f, text, b->body, &why);
        field_set_there(f, b->body, true);
    } else {
        err = wire_field_from_text(b->arena, f, text, b->body, &why);
    }
    b->from[at] = from;
    if (!err)
        return;
    bind_say(b, name, code_of(f, text), why);
    /* an id in a query asks for what belongs to it */
    b->error[b->error_n - 1].is_relationship = !is_form && f->type == FIELD_UUID;
}

static void file_part(struct bind *b, struct span name, const char *suffix, struct span text, uint64_t number)
{
    struct span full = arena_print(b->arena, "%.*s_%s", (int)name.n, name.p, suffix);
    const struct field *f = message_field(b->m, full);

    if (!f)
        return;
    if ((f->type == FIELD_STR || f->type == FIELD_BIN) && text.n > f->max)
        bind_say(b, name, "max_length", "The name of this file is too long.");
    else if (f->type == FIELD_STR || f->type == FIELD_BIN)
        bind_own_text(b, f->name, text);
    else if (number > f->max)
        bind_say(b, name, "max_length", "This file is too big.");
    else
        bind_own_number(b, f->name, number);
}

static void file_bind(struct bind *b, const struct form_file *file, size_t index)
{
    struct span name = field_name(b->arena, file->name);
    size_t at;
    const struct field *f = bind_open_field(b, name, &at);

    if (!f || f->type != FIELD_UUID || b->from[at] > FROM_QUERY)
        return;
    bind_own_uuid(b, f->name, &file->spool);
    file_part(b, name, "name", file->filename, 0);
    file_part(b, name, "type", file->type, 0);
    file_part(b, name, "bytes", (struct span){NULL, 0}, file->bytes);
    file_part(b, name, "sha256", (struct span){(const char *)file->sha256, 32}, 0);
    b->files_used |= 1u << index;
}

/* A field that is filled from a file is never filled from text: a stranger's spool id must not pass for one's
 * own. */
static bool is_file_field(const struct bind *b, struct span name)
{
    const struct field *f = message_field(b->m, name);
    struct span bytes = arena_print(b->arena, "%.*s_bytes", (int)name.n, name.p);

    return f && f->type == FIELD_UUID && message_field(b->m, bytes);
}

void bind_form(struct bind *b, const struct form *f, bool is_form)
{
    for (size_t i = 0; is_form && i < f->file_n; i++)
        file_bind(b, &f->file[i], i);
    for (size_t i = 0; i < f->value_n; i++)
        if (!is_file_field(b, field_name(b->arena, f->value[i].name)))
            value_bind(b, &f->value[i], is_form);
}

/* ---- the end
 * ------------------------------------------------------------------------------------------------------ */

/* For bus.h's faults_take(). */
static struct span faults_json(const struct bind *b)
{
    struct json_out o;

    json_out_init(&o, b->arena);
    json_array(&o);
    for (size_t i = 0; i < b->error_n; i++) {
        const struct bind_error *e = &b->error[i];
        json_array(&o);
        json_add_string(&o,
                        arena_print(b->arena, "%s/%.*s", e->is_relationship ? "relationships" : "attributes",
                                    (int)e->field.n, e->field.p));
        json_add_string(&o, span_of(e->code));
        json_add_string(&o, span_of(e->text));
        json_end(&o);
    }
    json_end(&o);
    return json_out_span(&o);
}

static int faults_hand_over(struct bind *b)
{
    const struct field *f = message_field(b->m, SPAN("faults"));

    if (!f || b->error_n == 0)
        return b->error_n ? ERR_INVALID : 0;
    *(struct span *)(void *)((char *)b->body + f->offset) = faults_json(b);
    field_set_there(f, b->body, true);
    return 0;
}

int bind_finish(struct bind *b, bool is_form)
{
    for (size_t i = 0; i < b->m->field_n; i++) {
        const struct field *f = &b->m->field[i];
        if (b->from[i] != FROM_NOBODY || f->is_optional)
            continue;
        if (f->type == FIELD_UUID && span_is(span_of(f->name), "op_id"))
            *(struct uuid *)(void *)((char *)b->body + f->offset) = crypt_uuid();
        else if (!is_form || (f->type != FIELD_BOOL && f->type != FIELD_LIST))
            bind_say_at(b, span_of(f->name), bind_is_relationship(b, f), "required",
                        "This field is required.");
    }
    return faults_hand_over(b);
}

struct span bind_errors_json(const struct bind *b)
{
    struct json_out o;

    json_out_init(&o, b->arena);
    json_object(&o);
    for (size_t i = 0; i < b->error_n; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i; j++)
            is_first = is_first && !span_same(b->error[j].field, b->error[i].field);
        if (!is_first)
            continue;
        json_key(&o, b->error[i].field);
        json_array(&o);
        for (size_t j = i; j < b->error_n; j++)
            if (span_same(b->error[j].field, b->error[i].field))
                json_add_string(&o, span_of(b->error[j].text));
        json_end(&o);
    }
    json_end(&o);
    return json_out_span(&o);
}

/* ---- bounds
 * ------------------------------------------------------------------------------------------------------- */

static bool is_in_path(const struct route *r, const char *name)
{
    char mark[80];
    size_t n = strlen(name);

    if (n + 2 > sizeof mark)
        return false;
    mark[0] = '{';
    memcpy(mark + 1, name, n + 1);
    return strstr(r->pattern, mark) != NULL;
}

uint64_t bind_body_max(const struct route *r, bool is_form)
{
    uint64_t sum = 0;

    if (!route_asks(r) || r->method == HTTP_GET || r->method == HTTP_HEAD)
        return 0;
    for (size_t i = 0; i < r->ask->field_n; i++) {
        const struct field *f = &r->ask->field[i];
        enum field_type type = f->type == FIELD_LIST ? f->item : f->type;
        uint64_t each = type == FIELD_STR || type == FIELD_BIN ? f->max * 3
                        : type == FIELD_JSON                   ? f->max * (is_form ? 3 : 1)
                                                               : 64;
        if (is_reserved(span_of(f->name)) || is_in_path(r, f->name))
            continue;
        sum += 256 + each * (f->type == FIELD_LIST ? f->list_max : 1);
    }
    sum += 16384; /* the token of the form, names, boundaries, blanks of pretty printing */
    return sum > BODY_CAP ? BODY_CAP : sum;
}

uint64_t bind_file_max(const struct message *m)
{
    uint64_t most = 0;

    for (size_t i = 0; i < m->field_n; i++) {
        size_t n = strlen(m->field[i].name);
        if (n > 6 && strcmp(m->field[i].name + n - 6, "_bytes") == 0 && m->field[i].max > most)
            most = m->field[i].max;
    }
    return most;
}
