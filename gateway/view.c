/* view: walks a compiled view over JSON documents. */
#include "errors.h"
#include "log.h"
#include "view_program.h"

#define ROOTS_MAX 4u
#define PART_MAX 100u

/* What a section stepped into. */
struct context {
    const struct json *value;
    const struct json *array; /* when value is one of its items */
    size_t at;
};

/* A view in progress. */
struct frame {
    const struct view *view;
    size_t pc; /* to go on at */
    const struct view_arg *arg;
    size_t arg_n;
};

struct render {
    struct arena *arena;
    struct text *out;
    const struct language *language; /* NULL: English */
    size_t language_at;
    struct context context[ROOTS_MAX + VIEW_CONTEXT_DEPTH_MAX];
    size_t context_n;
    struct frame frame[VIEW_PARTIAL_DEPTH_MAX + 2]; /* and a phrase on top */
    size_t frame_n;
    uint32_t steps;
};

/* A name's value: an argument's text, or a JSON value, or nothing. */
struct value {
    const struct json *json;
    struct span text;
};

static struct span argument(const struct render *r, struct span name)
{
    for (size_t f = r->frame_n; f-- > 0;)
        for (size_t i = 0; i < r->frame[f].arg_n; i++)
            if (span_same(r->frame[f].arg[i].name, name))
                return r->frame[f].arg[i].text;
    return (struct span){NULL, 0};
}

/* Takes "a" off "a.b.c"; an @ part is replaced by the argument of that name. */
static struct span part_next(const struct render *r, struct span *rest)
{
    const char *dot = memchr(rest->p, '.', rest->n);
    struct span part = {rest->p, dot ? (size_t)(dot - rest->p) : rest->n};

    *rest = dot ? (struct span){dot + 1, rest->n - part.n - 1} : (struct span){NULL, 0};
    if (part.n > 1 && part.p[0] == '@')
        return argument(r, (struct span){part.p + 1, part.n - 1});
    return part;
}

static struct value lookup(const struct render *r, struct span name)
{
    struct value v = {NULL, {NULL, 0}};
    struct span rest = name, part;

    if (span_is(name, ".")) {
        v.json = r->context_n > 0 ? r->context[r->context_n - 1].value : NULL;
        return v;
    }
    if (name.p[0] == '@' && memchr(name.p, '.', name.n) == NULL) {
        v.text = argument(r, (struct span){name.p + 1, name.n - 1});
        return v;
    }
    part = part_next(r, &rest);
    for (size_t i = r->context_n; i-- > 0 && v.json == NULL;)
        v.json = json_get_span(r->context[i].value, part);
    while (rest.n > 0 && v.json != NULL) {
        part = part_next(r, &rest);
        v.json = json_get_span(v.json, part);
    }
    return v;
}

static bool is_worth_showing(const struct value *v)
{
    if (v->json == NULL)
        return v->text.n > 0;
    switch (json_kind(v->json)) {
    case JSON_NULL:
        return false;
    case JSON_BOOL:
        return json_bool(v->json);
    case JSON_STRING:
        return json_string(v->json).n > 0;
    case JSON_ARRAY:
        return json_size(v->json) > 0;
    case JSON_NUMBER:
    case JSON_OBJECT:
        return true;
    }
    return false;
}

/* Objects and arrays have no text of their own. */
static struct span value_text(const struct value *v)
{
    if (v->json == NULL)
        return v->text;
    switch (json_kind(v->json)) {
    case JSON_BOOL:
        return json_bool(v->json) ? SPAN("true") : SPAN("false");
    case JSON_NUMBER:
        return json_number(v->json);
    case JSON_STRING:
        return json_string(v->json);
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return (struct span){NULL, 0};
}

static void add(struct render *r, struct span s)
{
    if (s.n > 0)
        text_add(r->arena, r->out, s);
}

static void add_escaped(struct render *r, struct span s)
{
    size_t from = 0;

    if (s.n == 0)
        return;
    for (size_t i = 0; i < s.n; i++) {
        const char *instead = NULL;
        switch (s.p[i]) {
        case '&':
            instead = "&amp;";
            break;
        case '<':
            instead = "&lt;";
            break;
        case '>':
            instead = "&gt;";
            break;
        case '"':
            instead = "&quot;";
            break;
        case '\'':
            instead = "&#39;";
            break;
        default:
            continue;
        }
        add(r, (struct span){s.p + from, i - from});
        add(r, span_of(instead));
        from = i + 1;
    }
    add(r, (struct span){s.p + from, s.n - from});
}

static void add_part(struct render *r, struct span s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                        c == '-' || c == '.' || c == '_' || c == '~';
        char code[3] = {'%', hex[c >> 4], hex[c & 15]};
        add(r, is_plain ? (struct span){s.p + i, 1} : (struct span){code, 3});
    }
}

/* Local paths (not //host), fragments, queries, and the schemes that only lead somewhere. */
static bool is_followable(struct span s)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:", "tel:"};

    if (s.n == 0 || s.p[0] == '#' || s.p[0] == '?')
        return true;
    if (s.p[0] == '/')
        return s.n == 1 || (s.p[1] != '/' && s.p[1] != '\\');
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i]), k = 0;
        while (k < n && k < s.n && (s.p[k] >= 'A' && s.p[k] <= 'Z' ? s.p[k] + 32 : s.p[k]) == schemes[i][k])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

static void translate(struct render *r, struct span english)
{
    const struct phrase *p = language_find(r->language, english);

    add_escaped(r, p ? p->text : english);
}

static void print(struct render *r, const struct view_op *op)
{
    struct value v = lookup(r, op->text);
    struct span text = value_text(&v);

    switch (op->kind) {
    case VIEW_VALUE:
        add_escaped(r, text);
        break;
    case VIEW_LINK:
        add_escaped(r, is_followable(text) ? text : SPAN("#"));
        break;
    case VIEW_PART:
        add_part(r, text);
        break;
    case VIEW_HTML:
        add(r, text);
        break;
    case VIEW_TRANSLATE:
        translate(r, text);
        break;
    case VIEW_TEXT:
    case VIEW_OPEN:
    case VIEW_CLOSE:
    case VIEW_IF:
    case VIEW_UNLESS:
    case VIEW_CALL:
    case VIEW_PHRASE:
        break;
    }
}

static size_t section_open(struct render *r, const struct view_op *op, size_t pc)
{
    struct value v = lookup(r, op->text);
    struct context *c;

    if (!is_worth_showing(&v))
        return op->jump;
    MUST(r->context_n < sizeof r->context / sizeof *r->context); /* views_compile has counted */
    c = &r->context[r->context_n++];
    *c = (struct context){.value = v.json};
    if (json_kind(v.json) == JSON_ARRAY)
        *c = (struct context){.value = json_at(v.json, 0), .array = v.json};
    return pc;
}

static size_t section_close(struct render *r, const struct view_op *op, size_t pc)
{
    struct context *c = &r->context[r->context_n - 1];

    if (c->array != NULL && ++c->at < json_size(c->array)) {
        c->value = json_at(c->array, c->at);
        return op->jump;
    }
    r->context_n--;
    return pc;
}

static void enter(struct render *r, const struct view *view, const struct view_arg *arg, size_t arg_n)
{
    MUST(r->frame_n < sizeof r->frame / sizeof *r->frame);
    r->frame[r->frame_n++] = (struct frame){.view = view, .arg = arg, .arg_n = arg_n};
}

/* One instruction. */
static void step(struct render *r, struct frame *f)
{
    const struct view_op *op = &f->view->op[f->pc++];
    struct value v;

    switch (op->kind) {
    case VIEW_TEXT:
        add(r, op->text);
        break;
    case VIEW_VALUE:
    case VIEW_LINK:
    case VIEW_PART:
    case VIEW_HTML:
    case VIEW_TRANSLATE:
        print(r, op);
        break;
    case VIEW_OPEN:
        f->pc = section_open(r, op, f->pc);
        break;
    case VIEW_CLOSE:
        f->pc = section_close(r, op, f->pc);
        break;
    case VIEW_IF:
    case VIEW_UNLESS:
        v = lookup(r, op->text);
        if (is_worth_showing(&v) != (op->kind == VIEW_IF))
            f->pc = op->jump;
        break;
    case VIEW_CALL:
        enter(r, op->call, op->arg, op->arg_n);
        break;
    case VIEW_PHRASE:
        if (r->language != NULL && op->phrase[r->language_at] != NULL) {
            f->pc = op->jump;
            enter(r, op->phrase[r->language_at], NULL, 0);
        }
        break;
    }
}

static void choose_language(struct render *r, const struct views *set)
{
    struct value v = lookup(r, SPAN("lang"));
    struct span wanted = value_text(&v);

    for (size_t i = 0; i < set->language_n; i++)
        if (span_same(set->language[i].name, wanted)) {
            r->language = &set->language[i];
            r->language_at = i;
        }
}

int view_render(struct arena *a, const struct view *view, const struct json *const *roots, size_t roots_n,
                struct span *out)
{
    struct text text = {0};
    struct render r = {.arena = a, .out = &text};

    MUST(roots_n <= ROOTS_MAX);
    for (size_t i = 0; i < roots_n; i++)
        if (roots[i] != NULL)
            r.context[r.context_n++] = (struct context){.value = roots[i]};
    choose_language(&r, view->set);
    enter(&r, view, NULL, 0);
    while (r.frame_n > 0) {
        struct frame *f = &r.frame[r.frame_n - 1];
        if (f->pc == f->view->op_n) {
            r.frame_n--;
            continue;
        }
        step(&r, f);
        if (++r.steps > VIEW_STEPS_MAX || text.n > VIEW_OUTPUT_MAX)
            return ERR_TOOBIG;
    }
    *out = text_span(&text);
    return 0;
}
