/* view_parse: one template -> one flat program. */
#include "errors.h"
#include "view_program.h"

#include <stdarg.h>
#include <stdio.h>

#define NAME_MAX_BYTES 100u
#define OPEN_MAX 16u /* sections inside each other in one template */
#define ARGS_MAX 16u

struct open_section {
    struct span name; /* as written, a "?" included */
    size_t op;
    uint32_t line;
};

struct parser {
    struct views *set;
    struct view *view;
    struct view_error *error;
    const char *p, *end;
    uint32_t line;
    bool is_in_address;   /* inside the quotes of href and the like */
    bool is_at_its_start; /* nothing of that address was written yet */
    size_t op_cap;
    struct open_section open[OPEN_MAX];
    size_t open_n;
    uint32_t depth; /* of contexts, i.e. open sections that step into something */
};

struct tag {
    char sigil; /* 0 for {{name}}, '{' for {{{name}}} */
    struct span body;
    const char *begin, *end;
    uint32_t line;
};

int view_mistake(struct view_error *error, struct span view, uint32_t line, const char *fmt, ...)
{
    va_list args;

    if (error == NULL)
        return ERR_MALFORMED;
    (void)snprintf(error->where, sizeof error->where, "%.*s:%u", (int)view.n, view.p, line);
    va_start(args, fmt);
    (void)vsnprintf(error->why, sizeof error->why, fmt, args);
    va_end(args);
    return ERR_MALFORMED;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trimmed(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    while (p < end && is_blank(end[-1]))
        end--;
    return (struct span){p, (size_t)(end - p)};
}

static bool is_name(struct span s)
{
    if (span_is(s, "."))
        return true;
    if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '.' || s.p[s.n - 1] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '@' || (c == '.' && s.p[i - 1] != '.');
        if (!is_fine)
            return false;
    }
    return true;
}

static struct view_op *op_add(struct parser *s, enum view_op_kind kind, struct span text, uint32_t line)
{
    struct view *v = s->view;

    if (v->op_n == s->op_cap) {
        size_t cap = s->op_cap ? s->op_cap * 2 : 32;
        struct view_op *more = arena_get(s->set->arena, cap * sizeof *more);
        if (v->op_n > 0)
            memcpy(more, v->op, v->op_n * sizeof *more);
        v->op = more;
        s->op_cap = cap;
    }
    v->op[v->op_n] = (struct view_op){.kind = kind, .text = text, .line = line, .depth = s->depth};
    return &v->op[v->op_n++];
}

/* Which attribute the last quote in this text opens decides how the values after it are printed. */
static void follow_address(struct parser *s, const char *from, const char *to)
{
    static const char *const attribute[] = {" href=", " src=", " action=", " formaction=", " poster="};

    for (const char *q = to; q-- > from;) {
        if (*q != '"')
            continue;
        s->is_in_address = false;
        for (size_t i = 0; i < sizeof attribute / sizeof *attribute; i++) {
            size_t n = strlen(attribute[i]);
            if ((size_t)(q - from) >= n && memcmp(q - n, attribute[i], n) == 0)
                s->is_in_address = true;
        }
        s->is_at_its_start = s->is_in_address && q + 1 == to;
        return;
    }
    s->is_at_its_start = false;
}

static void text_op(struct parser *s, const char *from, const char *to)
{
    if (to <= from)
        return;
    follow_address(s, from, to);
    op_add(s, VIEW_TEXT, (struct span){from, (size_t)(to - from)}, s->line);
}

static void count_lines(struct parser *s, const char *from, const char *to)
{
    for (; from < to; from++)
        s->line += *from == '\n';
}

/* Finds the next tag. false: no more. */
static int tag_next(struct parser *s, struct tag *t, bool *found)
{
    const char *p = s->p, *close;
    const char *shut = "}}";

    while (p + 1 < s->end && !(p[0] == '{' && p[1] == '{'))
        p++;
    *found = p + 1 < s->end;
    if (!*found)
        return 0;
    *t = (struct tag){.begin = p, .line = s->line};
    for (const char *q = s->p; q < p; q++)
        t->line += *q == '\n';
    p += 2;
    if (p < s->end && strchr("#^/!>&{=$<", *p) != NULL && *p != '\0')
        t->sigil = *p++;
    if (t->sigil == '{')
        shut = "}}}";
    for (close = p; close + strlen(shut) <= s->end && memcmp(close, shut, strlen(shut)) != 0; close++)
        ;
    if (close + strlen(shut) > s->end)
        return view_mistake(s->error, s->view->name, t->line, "a tag is not closed");
    t->body = trimmed(p, close);
    t->end = close + strlen(shut);
    return 0;
}

/* A section, comment or partial tag alone on its line takes the whole line with it. */
static void stand_alone(const struct parser *s, const struct tag *t, const char **text_end,
                        const char **after)
{
    const char *left = t->begin, *right = t->end;

    if (t->sigil == 0 || t->sigil == '{' || t->sigil == '&')
        return;
    while (left > s->view->source.p && (left[-1] == ' ' || left[-1] == '\t'))
        left--;
    if (left > s->view->source.p && left[-1] != '\n')
        return;
    while (right < s->end && (*right == ' ' || *right == '\t' || *right == '\r'))
        right++;
    if (right < s->end && *right != '\n')
        return;
    *text_end = left > s->p ? left : s->p;
    *after = right < s->end ? right + 1 : right;
}

static int value_tag(struct parser *s, const struct tag *t)
{
    struct view_op *op;

    if (!is_name(t->body))
        return view_mistake(s->error, s->view->name, t->line, "\"%.*s\" is no name", (int)t->body.n,
                            t->body.p);
    if (t->sigil != 0) {
        if (t->body.n < 6 || memcmp(t->body.p + t->body.n - 5, "_html", 5) != 0)
            return view_mistake(s->error, s->view->name, t->line,
                                "only names that end in _html are printed unescaped");
        op_add(s, VIEW_HTML, t->body, t->line);
        return 0;
    }
    op = op_add(s, VIEW_VALUE, t->body, t->line);
    if (s->is_in_address)
        op->kind = s->is_at_its_start ? VIEW_LINK : VIEW_PART;
    s->is_at_its_start = false;
    return 0;
}

static int open_tag(struct parser *s, const struct tag *t)
{
    struct span name = t->body;
    bool is_test = name.n > 1 && (name.p[name.n - 1] == '?' || name.p[0] == '@');
    enum view_op_kind kind = t->sigil == '^' ? VIEW_UNLESS : is_test ? VIEW_IF : VIEW_OPEN;

    if (name.n > 1 && name.p[name.n - 1] == '?')
        name.n--;
    if (span_is(name, "_") && kind == VIEW_OPEN)
        kind = VIEW_PHRASE;
    if (!is_name(name) || (span_is(name, "_") && kind != VIEW_PHRASE))
        return view_mistake(s->error, s->view->name, t->line, "\"%.*s\" cannot open a section",
                            (int)t->body.n, t->body.p);
    if (s->open_n == OPEN_MAX)
        return view_mistake(s->error, s->view->name, t->line, "sections too deep");
    s->open[s->open_n++] = (struct open_section){.name = t->body, .op = s->view->op_n, .line = t->line};
    op_add(s, kind, kind == VIEW_PHRASE ? (struct span){t->end, 0} : name, t->line);
    s->depth += kind == VIEW_OPEN;
    return 0;
}

/* {{#_}}…{{/_}}: one bare variable translates its value; anything else is a phrase of text and variables. */
static int phrase_end(struct parser *s, size_t begin, const struct tag *t)
{
    struct view *v = s->view;
    struct view_op *open = &v->op[begin];
    size_t inner = v->op_n - begin - 1;

    open->text.n = (size_t)(t->begin - open->text.p);
    for (size_t i = begin + 1; i < v->op_n; i++)
        if (v->op[i].kind != VIEW_TEXT && v->op[i].kind != VIEW_VALUE && v->op[i].kind != VIEW_LINK &&
            v->op[i].kind != VIEW_PART)
            return view_mistake(s->error, v->name, v->op[i].line,
                                "a phrase may hold only text and escaped variables");
    if (inner == 1 && v->op[begin + 1].kind == VIEW_VALUE) {
        v->op[begin] = v->op[begin + 1];
        v->op[begin].kind = VIEW_TRANSLATE;
        v->op_n = begin + 1;
        return 0;
    }
    if (trimmed(open->text.p, open->text.p + open->text.n).n == 0)
        return view_mistake(s->error, v->name, t->line, "an empty phrase");
    open->text = phrase_key(s->set->arena, open->text);
    open->jump = (uint32_t)v->op_n;
    return 0;
}

static int close_tag(struct parser *s, const struct tag *t)
{
    struct open_section *o;
    enum view_op_kind kind;

    if (s->open_n == 0)
        return view_mistake(s->error, s->view->name, t->line, "{{/%.*s}} closes nothing", (int)t->body.n,
                            t->body.p);
    o = &s->open[s->open_n - 1];
    if (!span_same(o->name, t->body))
        return view_mistake(s->error, s->view->name, t->line, "{{/%.*s}} where {{/%.*s}} of line %u is due",
                            (int)t->body.n, t->body.p, (int)o->name.n, o->name.p, o->line);
    s->open_n--;
    kind = s->view->op[o->op].kind;
    if (kind == VIEW_PHRASE)
        return phrase_end(s, o->op, t);
    if (kind == VIEW_OPEN) {
        op_add(s, VIEW_CLOSE, t->body, t->line)->jump = (uint32_t)o->op + 1;
        s->depth--;
    }
    s->view->op[o->op].jump = (uint32_t)s->view->op_n;
    return 0;
}

/* word, word=bare or word="some text" */
static int arg_next(struct parser *s, const struct tag *t, const char **at, struct view_arg *arg)
{
    const char *p = *at, *end = t->body.p + t->body.n;

    for (arg->name.p = p; p < end && *p != '=' && !is_blank(*p); p++)
        ;
    arg->name.n = (size_t)(p - arg->name.p);
    arg->text = SPAN("1");
    if (p < end && *p == '=' && p + 1 < end && p[1] == '"') {
        p += 2;
        for (arg->text.p = p; p < end && *p != '"'; p++)
            ;
        arg->text.n = (size_t)(p - arg->text.p);
        if (p++ == end)
            return view_mistake(s->error, s->view->name, t->line, "the quotes of an argument are not closed");
    } else if (p < end && *p == '=') {
        for (arg->text.p = ++p; p < end && !is_blank(*p); p++)
            ;
        arg->text.n = (size_t)(p - arg->text.p);
    }
    *at = p;
    if (!is_name(arg->name) || memchr(arg->name.p, '.', arg->name.n) != NULL)
        return view_mistake(s->error, s->view->name, t->line, "\"%.*s\" is no argument", (int)arg->name.n,
                            arg->name.p);
    return 0;
}

static int partial_tag(struct parser *s, const struct tag *t)
{
    struct view_arg found[ARGS_MAX], *kept;
    const char *p = t->body.p, *end = p + t->body.n;
    struct span name = {p, 0};
    size_t n = 0;

    while (p < end && !is_blank(*p))
        p++;
    name.n = (size_t)(p - name.p);
    for (;;) {
        while (p < end && is_blank(*p))
            p++;
        if (p == end)
            break;
        if (n == ARGS_MAX)
            return view_mistake(s->error, s->view->name, t->line, "too many arguments");
        int err = arg_next(s, t, &p, &found[n]);
        if (err)
            return err;
        n++;
    }
    kept = n > 0 ? arena_get(s->set->arena, n * sizeof *kept) : NULL;
    if (n > 0)
        memcpy(kept, found, n * sizeof *kept);
    struct view_op *op = op_add(s, VIEW_CALL, name, t->line);
    op->arg = kept;
    op->arg_n = n;
    return 0;
}

static int tag_op(struct parser *s, const struct tag *t)
{
    switch (t->sigil) {
    case '!':
        return 0;
    case '#':
    case '^':
        return open_tag(s, t);
    case '/':
        return close_tag(s, t);
    case '>':
        return partial_tag(s, t);
    case 0:
    case '{':
    case '&':
        return value_tag(s, t);
    default:
        return view_mistake(s->error, s->view->name, t->line, "{{%c is not spoken here", t->sigil);
    }
}

int view_parse(struct views *set, struct view *view, struct view_error *error)
{
    struct parser s = {.set = set, .view = view, .error = error, .line = 1};
    struct tag t;
    bool found;
    int err;

    s.p = view->source.p;
    s.end = s.p + view->source.n;
    for (;;) {
        if ((err = tag_next(&s, &t, &found)) != 0)
            return err;
        if (!found)
            break;
        const char *text_end = t.begin, *after = t.end;
        stand_alone(&s, &t, &text_end, &after);
        text_op(&s, s.p, text_end);
        if ((err = tag_op(&s, &t)) != 0)
            return err;
        count_lines(&s, s.p, after);
        s.p = after;
    }
    text_op(&s, s.p, s.end);
    if (s.open_n > 0)
        return view_mistake(error, view->name, s.open[s.open_n - 1].line, "{{#%.*s}} is never closed",
                            (int)s.open[s.open_n - 1].name.n, s.open[s.open_n - 1].name.p);
    return 0;
}
