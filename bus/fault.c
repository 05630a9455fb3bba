/* fault: what is wrong with a JSON:API document, place by place: [["attributes/completed","null","This
 * …"],…]. The gateway finds some of it, the desk the rest, and whoever asked hears all of it at once. */
#include <stdarg.h>
#include <stdio.h>

#include "house.h"

#define PLACE_MAX 100
#define SENTENCE_MAX 300
#define FAULTS_MAX 32768u /* as in reply.toml */

static struct wrong *wrong_at(const struct call *c, struct span place)
{
    for (size_t i = 0; i < c->refusal->wrong_n; i++)
        if (span_same(c->refusal->wrong[i].field, place))
            return &c->refusal->wrong[i];
    return NULL;
}

struct span fault_at(const struct call *c, const char *place)
{
    const struct wrong *w = wrong_at(c, span_of(place));

    return w ? w->code : (struct span){NULL, 0};
}

static void fault_put(struct call *c, struct wrong one)
{
    struct refusal *r = c->refusal;

    if (r->wrong_n < WRONG_MAX && !wrong_at(c, one.field))
        r->wrong[r->wrong_n++] = one;
}

static struct wrong fault_print(struct call *c, const char *place, const char *code, const char *fmt,
                                va_list args)
{
    char line[SENTENCE_MAX];
    int n = vsnprintf(line, sizeof line, fmt, args);

    MUST(strlen(place) < PLACE_MAX && n >= 0 && (size_t)n < sizeof line);
    return (struct wrong){arena_copy(c->arena, span_of(place)), arena_copy(c->arena, span_of(line)),
                          span_of(code)};
}

void fault_add(struct call *c, const char *place, const char *code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    fault_put(c, fault_print(c, place, code, fmt, args));
    va_end(args);
}

void fault_set(struct call *c, const char *place, const char *code, const char *fmt, ...)
{
    struct wrong *there = wrong_at(c, span_of(place)), one;
    va_list args;

    va_start(args, fmt);
    one = fault_print(c, place, code, fmt, args);
    va_end(args);
    if (there)
        *there = one;
    else
        fault_put(c, one);
}

void faults_take(struct call *c, struct span found)
{
    const struct json *list = NULL;

    if (found.n == 0 || json_parse(c->arena, found, &list, NULL))
        return; /* the gateway's own words: its message keeps them JSON */
    for (size_t i = 0; i < json_size(list); i++) {
        const struct json *one = json_at(list, i);
        fault_put(c, (struct wrong){.field = json_string(json_at(one, 0)),
                                    .sentence = json_string(json_at(one, 2)),
                                    .code = json_string(json_at(one, 1))});
    }
}

static struct span faults_json(struct arena *a, const struct refusal *r)
{
    struct json_out o;

    json_out_init(&o, a);
    json_array(&o);
    for (size_t i = 0; i < r->wrong_n; i++) {
        json_array(&o);
        json_add_string(&o, r->wrong[i].field);
        json_add_string(&o, r->wrong[i].code);
        json_add_string(&o, r->wrong[i].sentence);
        json_end(&o);
    }
    json_end(&o);
    return json_out_span(&o);
}

int faults_check(struct call *c)
{
    struct refusal *r = c->refusal;

    if (r->wrong_n == 0)
        return 0;
    r->text = r->wrong[0].sentence;
    r->field = r->wrong[0].field;
    r->errors = faults_json(c->arena, r);
    while (r->errors.n > FAULTS_MAX) {
        r->wrong_n--;
        r->errors = faults_json(c->arena, r);
    }
    return ERR_INVALID;
}

int fault_refuse(struct call *c, int err, const char *code, const char *sentence)
{
    struct refusal *r = c->refusal;

    r->wrong_n = 0;
    fault_put(c, (struct wrong){SPAN("data"), span_of(sentence), span_of(code)});
    r->text = span_of(sentence);
    r->errors = faults_json(c->arena, r);
    return err;
}

int relation_check(struct call *c, bool has, struct span type, const char *expected)
{
    if (!has || span_is(type, expected))
        return 0;
    return refuse(c, ERR_CONFLICT, NULL, "Incorrect relation type. Expected %s, received %.*s.", expected,
                  (int)type.n, type.p);
}

bool list_has(struct list texts, const char *text)
{
    const struct span *item = texts.items;

    for (size_t i = 0; i < texts.n; i++)
        if (span_is(item[i], text))
            return true;
    return false;
}
