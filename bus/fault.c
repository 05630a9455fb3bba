/* fault: what is wrong with a JSON:API document, place by place: [["attributes/completed","null","This
 * …"],…]. The gateway finds some of it, the desk the rest, and whoever asked hears all of it at once. */
#include <stdarg.h>
#include <stdio.h>

#include "house.h"

#define PLACE_MAX 100
#define SENTENCE_MAX 300
#define FAULTS_MAX 32768u /* as in reply.toml */

static bool is_taken(const struct refusal *r, struct span place)
{
    for (size_t i = 0; i < r->wrong_n; i++)
        if (span_same(r->wrong[i].field, place))
            return true;
    return false;
}

bool fault_is_at(const struct call *c, const char *place)
{
    return is_taken(c->refusal, span_of(place));
}

static void fault_put(struct call *c, struct span place, struct span code, struct span sentence)
{
    struct refusal *r = c->refusal;

    if (r->wrong_n < WRONG_MAX && !is_taken(r, place))
        r->wrong[r->wrong_n++] = (struct wrong){place, sentence, code};
}

void fault_add(struct call *c, const char *place, const char *code, const char *fmt, ...)
{
    char line[SENTENCE_MAX];
    va_list args;
    int n;

    MUST(strlen(place) < PLACE_MAX);
    va_start(args, fmt);
    n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    MUST(n >= 0 && (size_t)n < sizeof line);
    fault_put(c, arena_copy(c->arena, span_of(place)), span_of(code), arena_copy(c->arena, span_of(line)));
}

void faults_take(struct call *c, struct span found)
{
    const struct json *list = NULL;

    if (found.n == 0 || json_parse(c->arena, found, &list, NULL))
        return; /* the gateway's own words: its message keeps them JSON */
    for (size_t i = 0; i < json_size(list); i++) {
        const struct json *one = json_at(list, i);
        fault_put(c, json_string(json_at(one, 0)), json_string(json_at(one, 1)),
                  json_string(json_at(one, 2)));
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
    fault_put(c, SPAN("data"), span_of(code), span_of(sentence));
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
