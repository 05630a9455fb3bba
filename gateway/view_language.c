/* view_language: catalogues. One JSON object per language, English text to translation. */
#include "errors.h"
#include "json_reader.h"
#include "view_program.h"

#include <stdlib.h>

#define PHRASES_MAX 5000u

struct span phrase_key(struct arena *a, struct span text)
{
    char *out = arena_get(a, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        bool is_space = text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\r' || text.p[i] == '\n';
        if (!is_space)
            out[n++] = text.p[i];
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    if (n > 0 && out[n - 1] == ' ')
        n--;
    return (struct span){out, n};
}

static int phrase_order(const void *a, const void *b)
{
    const struct span *x = &((const struct phrase *)a)->key, *y = &((const struct phrase *)b)->key;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

const struct phrase *language_find(const struct language *language, struct span key)
{
    struct phrase wanted = {.key = key};

    if (language == NULL || language->phrase_n == 0 || key.n == 0)
        return NULL;
    return bsearch(&wanted, language->phrase, language->phrase_n, sizeof wanted, phrase_order);
}

static struct span unescaped(struct arena *a, const struct json_token *t)
{
    char *out = arena_get(a, t->text.n + 1);
    size_t n = 0;

    if (json_string_unescape(t->text, out, t->text.n, &n) != 0)
        n = 0;
    return (struct span){out, n};
}

/* Every translation is a small view of its own. */
static int phrase_compile(struct views *set, struct span where, struct phrase *p, struct view_error *error)
{
    struct view *view = arena_get(set->arena, sizeof *view);
    int err;

    *view = (struct view){.name = where, .source = p->text, .set = set, .calls = 1, .contexts = 0};
    if ((err = view_parse(set, view, error)) != 0)
        return err;
    for (size_t i = 0; i < view->op_n; i++)
        if (view->op[i].kind != VIEW_TEXT && view->op[i].kind != VIEW_VALUE &&
            view->op[i].kind != VIEW_LINK && view->op[i].kind != VIEW_PART)
            return view_mistake(error, where, 1, "\"%.40s\": a translation may hold only text and variables",
                                p->key.p);
    p->view = view;
    return 0;
}

static int language_fill(struct views *set, struct language *language, struct json_reader *r,
                         struct view_error *error)
{
    struct json_token t;
    int err;

    if ((err = json_reader_next(r, &t)) != 0)
        return err;
    if (t.type != JSON_TOKEN_OBJECT_BEGIN)
        return view_mistake(error, language->name, 1, "a catalogue is one object");
    while ((err = json_reader_next(r, &t)) == 0 && t.type == JSON_TOKEN_KEY) {
        struct phrase *p = &language->phrase[language->phrase_n];
        p->key = unescaped(set->arena, &t);
        if ((err = json_reader_next(r, &t)) != 0)
            return err;
        if (t.type != JSON_TOKEN_STRING)
            return view_mistake(error, language->name, 1, "\"%.60s\" has no text", p->key.p);
        p->text = unescaped(set->arena, &t);
        if (!span_same(p->key, phrase_key(set->arena, p->key)))
            return view_mistake(error, language->name, 1, "\"%.60s\": keys have single spaces", p->key.p);
        if ((err = phrase_compile(set, language->name, p, error)) != 0)
            return err;
        if (++language->phrase_n == PHRASES_MAX)
            return view_mistake(error, language->name, 1, "more than %u phrases", PHRASES_MAX);
    }
    return err;
}

int language_read(struct views *set, struct span name, struct span json, struct view_error *error)
{
    struct language *language = &set->language[set->language_n];
    struct json_reader *r = arena_get(set->arena, sizeof *r);
    int err;

    if (set->language_n == VIEW_LANGUAGES_MAX)
        return view_mistake(error, name, 1, "more than %u languages", VIEW_LANGUAGES_MAX);
    *language = (struct language){.name = name};
    language->phrase = arena_get(set->arena, PHRASES_MAX * sizeof *language->phrase);
    json_reader_init(r, json, NULL);
    if ((err = language_fill(set, language, r, error)) != 0) {
        struct json_error at = json_reader_error(r);
        if (at.why != JSON_FINE)
            return view_mistake(error, name, at.place.line, "%s", json_why_text(at.why));
        return err;
    }
    qsort(language->phrase, language->phrase_n, sizeof *language->phrase, phrase_order);
    for (size_t i = 1; i < language->phrase_n; i++)
        if (phrase_order(&language->phrase[i - 1], &language->phrase[i]) == 0)
            return view_mistake(error, name, 1, "\"%.60s\" stands twice", language->phrase[i].key.p);
    set->language_n++;
    return 0;
}
