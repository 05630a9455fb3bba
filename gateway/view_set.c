/* view_set: compiles all views, ties partials and phrases together, and proves that rendering has a bound. */
#include "errors.h"
#include "view_program.h"

#include <stdlib.h>

static bool ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);

    return n > m && memcmp(name + n - m, ending, m) == 0;
}

static int name_order(const void *a, const void *b)
{
    const struct span *x = &((const struct view *)a)->name, *y = &((const struct view *)b)->name;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

const struct view *views_find(const struct views *v, struct span name)
{
    struct view wanted = {.name = name};

    if (name.n == 0 || v->view_n == 0)
        return NULL;
    return bsearch(&wanted, v->view, v->view_n, sizeof wanted, name_order);
}

static bool uses(const struct view_op *op, size_t n, struct span name)
{
    for (size_t i = 0; i < n; i++)
        if (op[i].kind != VIEW_TEXT && span_same(op[i].text, name))
            return true;
    return false;
}

/* A translation must say the same variables as its English, no more and no fewer. */
static int phrase_agrees(const struct view *v, const struct view_op *english, const struct phrase *p,
                         struct view_error *error)
{
    size_t english_n = english->jump - (size_t)(english + 1 - v->op);

    for (size_t i = 0; i < p->view->op_n; i++)
        if (p->view->op[i].kind != VIEW_TEXT && !uses(english + 1, english_n, p->view->op[i].text))
            return view_mistake(error, p->view->name, 1, "\"%.60s\" has a variable that the English has not",
                                p->text.p);
    for (size_t i = 1; i <= english_n; i++)
        if (english[i].kind != VIEW_TEXT && !uses(p->view->op, p->view->op_n, english[i].text))
            return view_mistake(error, p->view->name, 1, "\"%.60s\" lacks a variable of the English",
                                p->text.p);
    return 0;
}

static int op_link(struct views *set, const struct view *v, struct view_op *op, struct view_error *error)
{
    if (op->kind == VIEW_CALL) {
        op->call = views_find(set, op->text);
        if (op->call == NULL)
            return view_mistake(error, v->name, op->line, "there is no view \"%.*s\"", (int)op->text.n,
                                op->text.p);
    }
    if (op->kind != VIEW_PHRASE || set->language_n == 0)
        return 0;
    op->phrase = arena_get(set->arena, set->language_n * sizeof *op->phrase);
    for (size_t i = 0; i < set->language_n; i++) {
        const struct phrase *p = language_find(&set->language[i], op->text);
        if (p == NULL)
            continue;
        int err = phrase_agrees(v, op, p, error);
        if (err)
            return err;
        op->phrase[i] = p->view;
    }
    return 0;
}

/* Grows depths until nothing changes. A ring of partials grows for ever, and so meets the bound. */
static int depths(struct views *set, struct view_error *error)
{
    for (bool is_changed = true; is_changed;) {
        is_changed = false;
        for (size_t k = 0; k < set->view_n; k++) {
            struct view *v = &set->view[k];
            for (size_t i = 0; i < v->op_n; i++) {
                const struct view_op *op = &v->op[i];
                uint32_t calls = op->kind == VIEW_CALL ? op->call->calls + 1 : 1;
                uint32_t contexts =
                    op->depth + (op->kind == VIEW_OPEN) + (op->kind == VIEW_CALL ? op->call->contexts : 0);
                is_changed = is_changed || calls > v->calls || contexts > v->contexts;
                v->calls = calls > v->calls ? calls : v->calls;
                v->contexts = contexts > v->contexts ? contexts : v->contexts;
                if (v->calls > VIEW_PARTIAL_DEPTH_MAX)
                    return view_mistake(error, v->name, op->line, "partials too deep, or in a ring");
                if (v->contexts > VIEW_CONTEXT_DEPTH_MAX)
                    return view_mistake(error, v->name, op->line, "sections too deep, partials included");
            }
        }
    }
    return 0;
}

static int compile_all(struct views *set, const struct embedded *files, const struct embedded *locales,
                       struct view_error *error)
{
    size_t n = 0;
    int err;

    for (const struct embedded *f = locales; f != NULL && f->name != NULL; f++)
        if (ends_with(f->name, ".json") &&
            (err = language_read(set, (struct span){f->name, strlen(f->name) - 5}, embedded_span(f),
                                 error)) != 0)
            return err;
    for (const struct embedded *f = files; f->name != NULL; f++)
        n++;
    set->view = arena_get(set->arena, (n + 1) * sizeof *set->view);
    for (const struct embedded *f = files; f->name != NULL; f++) {
        if (!ends_with(f->name, ".mustache"))
            continue;
        struct view *v = &set->view[set->view_n++];
        *v = (struct view){
            .name = {f->name, strlen(f->name) - 9}, .source = embedded_span(f), .set = set, .calls = 1};
        if ((err = view_parse(set, v, error)) != 0)
            return err;
    }
    qsort(set->view, set->view_n, sizeof *set->view, name_order);
    for (size_t k = 0; k < set->view_n; k++)
        for (size_t i = 0; i < set->view[k].op_n; i++)
            if ((err = op_link(set, &set->view[k], &set->view[k].op[i], error)) != 0)
                return err;
    return depths(set, error);
}

int views_compile(struct views **out, const struct embedded *files, const struct embedded *locales,
                  struct view_error *error)
{
    struct arena *arena = arena_new();
    struct views *set = arena_get(arena, sizeof *set);
    int err;

    *out = NULL;
    set->arena = arena;
    err = compile_all(set, files, locales, error);
    if (err)
        arena_free(&arena);
    else
        *out = set;
    return err;
}

void views_free(struct views **v)
{
    if (v == NULL || *v == NULL)
        return;
    struct arena *arena = (*v)->arena; /* the set itself lies in it */
    arena_free(&arena);
    *v = NULL;
}
