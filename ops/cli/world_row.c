#include "world_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "crypt.h"
#include "errors.h"
#include "log.h"

enum kind { TEXT, INT, BOOL, UUID, TIME, DATE, JSON, OBJECT, AGE, TEXTS, DATES, LINK, LINKS, GROUPS };

#define LONG (INT64_C(1) << 28)         /* text without a bound of its own: the file has one */
#define PK_MAX ((INT64_C(1) << 53) - 1) /* beyond, JavaScript would round it */

static const struct field_def {
    const char *section, *name;
    enum kind kind;
    int64_t least, most;
    const char *of;
    bool may_be_null;
    const char *missing;
} fields[] = {
#define FIELD(section, name, kind, least, most, of, null, missing) \
    {#section, name, kind, least, most, of, null, missing},
#include "world_fields.def"
#undef FIELD
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct writer {
    const struct world_names *names;
    const struct field_def *from, *to; /* the fields of the section */
    struct arena *scrap;
    struct json_out *o;
    char *why;
};

#define SAY(w, ...) (snprintf((w)->why, WORLD_ROW_WHY, __VA_ARGS__), ERR_INVALID)

/* ---- names ----------------------------------------------------------------------------------------------
 */

void world_names_add(struct world_names *names, const char *section, struct span key, int64_t id, size_t row)
{
    if (names->n == names->cap) {
        names->cap = names->cap ? names->cap * 2 : 256;
        names->items = realloc(names->items, names->cap * sizeof *names->items);
        MUST(names->items);
    }
    names->items[names->n++] = (struct world_name){section, key, id, row};
}

static int name_compare(const void *left, const void *right)
{
    const struct world_name *a = left, *b = right;
    int order = strcmp(a->section, b->section);

    if (!order)
        order = memcmp(a->key.p, b->key.p, a->key.n < b->key.n ? a->key.n : b->key.n);
    if (!order)
        order = (a->key.n > b->key.n) - (a->key.n < b->key.n);
    return order;
}

const struct world_name *world_names_sort(struct world_names *names)
{
    if (names->n)
        qsort(names->items, names->n, sizeof *names->items, name_compare);
    for (size_t i = 1; i < names->n; i++)
        if (!name_compare(&names->items[i - 1], &names->items[i]))
            return &names->items[i - (names->items[i - 1].row > names->items[i].row)];
    return NULL;
}

void world_names_free(struct world_names *names)
{
    free(names->items);
    *names = (struct world_names){0};
}

static const struct world_name *name_find(const struct world_names *names, const char *section,
                                          struct span key)
{
    struct world_name wanted = {section, key, 0, 0};

    return names->n ? bsearch(&wanted, names->items, names->n, sizeof wanted, name_compare) : NULL;
}

/* ---- values ---------------------------------------------------------------------------------------------
 */

static int64_t characters(struct span s)
{
    int64_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

static bool is_date(struct span s)
{
    int64_t us;

    return s.n == 10 && clock_parse(s, &us) == 0;
}

static bool is_uuid(struct span s)
{
    struct uuid u;

    return s.n == 36 && uuid_read(s, &u) == 0;
}

/* A moment without its offset would mean another one on another machine. */
static bool is_time(struct span s)
{
    int64_t us;

    return s.n > 10 && clock_parse(s, &us) == 0;
}

static bool is_age(const struct json *v)
{
    static const int64_t most[] = {18, 11, 31};
    int64_t n;
    size_t good = 0;

    while (good < 3 && json_i64(json_at(v, good), &n) == 0 && n >= 0 && n <= most[good])
        good++;
    return good == 3 && json_kind(v) == JSON_ARRAY && json_size(v) == 3;
}

static bool is_list_of(const struct field_def *f, const struct json *v)
{
    size_t good = 0;

    if (json_kind(v) != JSON_ARRAY)
        return false;
    while (good < json_size(v) && json_kind(json_at(v, good)) == JSON_STRING &&
           (f->kind == DATES ? is_date(json_string(json_at(v, good)))
                             : characters(json_string(json_at(v, good))) <= f->most))
        good++;
    return good == json_size(v);
}

/* What belongs there instead; NULL when v fits. Links are looked at when they are written. */
static const char *value_misfit(const struct field_def *f, const struct json *v)
{
    enum json_kind kind = json_kind(v);
    struct span s = json_string(v);
    int64_t n = 0;

    switch (f->kind) {
    case TEXT:
        return kind == JSON_STRING && characters(s) <= f->most ? NULL : "text of at most";
    case INT:
        return json_i64(v, &n) == 0 && n >= f->least && n <= f->most ? NULL : "a whole number between";
    case BOOL:
        return kind == JSON_BOOL ? NULL : "true or false";
    case UUID:
        return is_uuid(s) ? NULL : "a uuid";
    case TIME:
        return is_time(s) ? NULL : "a moment with its offset, as 2026-11-24T17:05:00.123456+00:00";
    case DATE:
        return is_date(s) ? NULL : "a day, as 2026-11-24";
    case JSON:
        return NULL;
    case OBJECT:
        return kind == JSON_OBJECT ? NULL : "an object";
    case AGE:
        return is_age(v) ? NULL : "an age [years to 18, months to 11, days to 31]";
    case TEXTS:
        return is_list_of(f, v) ? NULL : "a list of texts, each of at most";
    case DATES:
        return is_list_of(f, v) ? NULL : "a list of days, each as 2026-11-24";
    case LINK:
        return kind == JSON_STRING ? NULL : "the key of one of";
    case LINKS:
        return kind == JSON_ARRAY ? NULL : "a list of keys of";
    case GROUPS:
        return kind == JSON_OBJECT ? NULL : "an object of lists of users for the groups";
    }
    MUST(false);
    return NULL;
}

static int value_refuse(const struct writer *w, const struct field_def *f, const char *wanted)
{
    if (f->kind == TEXT || f->kind == TEXTS)
        return SAY(w, "its %s does not fit: %s %" PRId64 " characters belongs there.", f->name, wanted,
                   f->most);
    if (f->kind == INT)
        return SAY(w, "its %s does not fit: %s %" PRId64 " and %" PRId64 " belongs there.", f->name, wanted,
                   f->least, f->most);
    return SAY(w, "its %s does not fit: %s%s%s belongs there%s.", f->name, wanted, f->of ? " " : "",
               f->of ? f->of : "", f->may_be_null ? ", or null" : "");
}

/* ---- links ----------------------------------------------------------------------------------------------
 */

static int link_write(const struct writer *w, const struct field_def *f, const char *section,
                      const struct json *v)
{
    struct span key = json_string(v);
    const struct world_name *found = key.p ? name_find(w->names, section, key) : NULL;
    int shown = key.n > 100 ? 100 : (int)key.n;

    if (json_kind(v) != JSON_STRING)
        return SAY(w, "its %s names %s by something that is no text.", f->name, section);
    if (!found)
        return SAY(w, "its %s names \"%.*s\", which is none of the %s.", f->name, shown, key.p, section);
    json_add_i64(w->o, found->id);
    return 0;
}

static int links_write(const struct writer *w, const struct field_def *f, const char *section,
                       const struct json *v)
{
    json_array(w->o);
    for (size_t i = 0; i < json_size(v); i++)
        TRY(link_write(w, f, section, json_at(v, i)));
    json_end(w->o);
    return 0;
}

static bool is_word_of(struct span word, const char *words)
{
    for (const char *at = words; (at = strchr(at, ' ')) && at[1]; at++)
        if (!strncmp(at + 1, word.p, word.n) && at[1 + word.n] == ' ' && word.n)
            return true;
    return false;
}

static int groups_write(const struct writer *w, const struct field_def *f, const struct json *v)
{
    const struct json *people;
    struct span group;
    size_t it = 0;

    json_object(w->o);
    while (json_next(v, &it, &group, &people)) {
        if (!is_word_of(group, f->of))
            return SAY(w, "there is no group \"%.*s\"; the groups are%s.", group.n > 60 ? 60 : (int)group.n,
                       group.p, f->of);
        if (json_kind(people) != JSON_ARRAY)
            return SAY(w, "its group %.*s is no list of users.", (int)group.n, group.p);
        json_key(w->o, group);
        TRY(links_write(w, f, "users", people));
    }
    json_end(w->o);
    return 0;
}

/* ---- rows -----------------------------------------------------------------------------------------------
 */

static int value_write(const struct writer *w, const struct field_def *f, const struct json *v)
{
    const char *wanted;

    json_key(w->o, span_of(f->name));
    if (json_kind(v) == JSON_NULL && f->may_be_null) {
        json_add_null(w->o);
        return 0;
    }
    wanted = value_misfit(f, v);
    if (wanted)
        return value_refuse(w, f, wanted);
    if (f->kind == LINK)
        return link_write(w, f, f->of, v);
    if (f->kind == LINKS)
        return links_write(w, f, f->of, v);
    if (f->kind == GROUPS)
        return groups_write(w, f, v);
    json_add_raw(w->o, json_text(w->scrap, v));
    return 0;
}

static bool field_is_known(const struct writer *w, struct span name)
{
    const struct field_def *f = w->from;

    while (f < w->to && !span_is(name, f->name))
        f++;
    return f < w->to;
}

/* A field that we do not know would be lost without a word. */
static int members_check(const struct writer *w, const struct json *row)
{
    const struct json *value;
    struct span name;
    size_t it = 0;

    while (json_next(row, &it, &name, &value)) {
        if (!field_is_known(w, name))
            return SAY(w, "it has a field \"%.*s\", which is not known here.", name.n > 60 ? 60 : (int)name.n,
                       name.p);
        if (json_get_span(row, name) != value)
            return SAY(w, "its %.*s is there twice.", (int)name.n, name.p);
    }
    return 0;
}

/* A grant on nothing would be one on everything. */
static int grant_check(const struct writer *w, const struct json *row)
{
    bool has_lab = json_kind(json_get(row, "lab")) != JSON_NULL;
    bool has_study = json_kind(json_get(row, "study")) != JSON_NULL;

    if (!strcmp(w->from->section, "object_grants") && has_lab == has_study)
        return SAY(w, "it is on one lab or on one study: just one of them is named.");
    return 0;
}

int world_row_write(const struct world_names *names, const char *section, struct span text,
                    struct arena *scrap, struct json_out *o, char why[WORLD_ROW_WHY])
{
    struct writer w = {.names = names, .from = fields, .scrap = scrap, .o = o, .why = why};
    const struct json *row;

    while (strcmp(w.from->section, section) != 0)
        w.from++;
    for (w.to = w.from; w.to < fields + FIELDS && !strcmp(w.to->section, section);)
        w.to++;
    MUST(json_parse(scrap, text, &row, NULL) == 0);
    TRY(members_check(&w, row));
    TRY(grant_check(&w, row));
    json_object(o);
    for (const struct field_def *f = w.from; f < w.to; f++) {
        const struct json *v = json_get(row, f->name);

        if (!v && !f->missing)
            return SAY(&w, "its %s is missing.", f->name);
        if (!v)
            MUST(json_parse(scrap, span_of(f->missing), &v, NULL) == 0);
        TRY(value_write(&w, f, v));
    }
    json_end(o);
    return 0;
}
