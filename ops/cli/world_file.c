#include "world_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "errors.h"
#include "json.h"
#include "json_reader.h"
#include "log.h"
#include "world_row.h"

enum {
    FILE_MAX = 256 << 20,
    READ_STEP = 1 << 20,
    ROWS_MAX = 4000000, /* of all sections together */
    CHUNK_BYTES = 2 << 20,
    WHY_MAX = 800
};

static const char *const section_names[WORLD_SECTIONS] = {
    [WORLD_users] = "users",
    [WORLD_demographics] = "demographics",
    [WORLD_children] = "children",
    [WORLD_labs] = "labs",
    [WORLD_studies] = "studies",
    [WORLD_responses] = "responses",
    [WORLD_consent_rulings] = "consent_rulings",
    [WORLD_feedback] = "feedback",
    [WORLD_videos] = "videos",
    [WORLD_object_grants] = "object_grants",
};

struct rows {
    struct span *items; /* each the text of an object in the file */
    size_t n, cap;
    bool is_there;
};

struct world {
    const char *label;
    char *bytes;
    struct span text;
    struct arena *kept; /* names, settings */
    struct rows rows[WORLD_SECTIONS];
    size_t rows_n;
    const struct json *settings;
    size_t settings_at;
    struct world_names names;
    char why[WHY_MAX];
};

/* ---- saying what is wrong -------------------------------------------------------------------------------
 */

static int refuse_at(struct world *w, int err, size_t at, const char *fmt, ...) PRINTF_LIKE(4, 5);
static int refuse_at(struct world *w, int err, size_t at, const char *fmt, ...)
{
    struct json_place place = json_place_of(w->text, at);
    int n =
        snprintf(w->why, sizeof w->why, "%s:%" PRIu32 ":%" PRIu32 ": ", w->label, place.line, place.column);
    va_list args;

    MUST(n > 0);
    if ((size_t)n < sizeof w->why) {
        va_start(args, fmt);
        (void)vsnprintf(w->why + n, sizeof w->why - (size_t)n, fmt, args);
        va_end(args);
    }
    return err;
}

int world_row_refuse(struct world *w, enum world_section s, size_t row, const char *fmt, ...)
{
    struct span text = w->rows[s].items[row];
    struct span key = {NULL, 0};
    char sentence[WHY_MAX / 2];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    if (json_member(text, "key", &key) == 0 && key.n && key.n < 260)
        return refuse_at(w, ERR_INVALID, (size_t)(text.p - w->text.p), "%s %.*s: %s", section_names[s],
                         (int)key.n, key.p, sentence);
    return refuse_at(w, ERR_INVALID, (size_t)(text.p - w->text.p), "%s, number %zu of them: %s",
                     section_names[s], row + 1, sentence);
}

const char *world_why(const struct world *w)
{
    return w->why;
}

/* ---- reading --------------------------------------------------------------------------------------------
 */

static int bytes_read(struct world *w, int fd)
{
    size_t n = 0, cap = 0;
    ssize_t got;

    do {
        if (n == cap) {
            cap = cap < READ_STEP ? READ_STEP : cap * 2;
            w->bytes = realloc(w->bytes, cap);
            MUST(w->bytes);
        }
        got = read(fd, w->bytes + n, cap - n);
        n += got > 0 ? (size_t)got : 0;
    } while ((got > 0 || (got < 0 && errno == EINTR)) && n <= FILE_MAX);
    w->text = (struct span){w->bytes, n};
    if (got < 0) {
        (void)snprintf(w->why, sizeof w->why, "%s cannot be read: %s.", w->label, strerror(errno));
        return ERR_AWAY;
    }
    if (n > FILE_MAX) {
        (void)snprintf(w->why, sizeof w->why, "%s has more than %d MiB, which is the most that is loaded.",
                       w->label, FILE_MAX >> 20);
        return ERR_TOOBIG;
    }
    return 0;
}

static int text_check(struct world *w)
{
    struct json_error e;
    int err = json_valid(w->text, &(struct json_limits){.refuse_nul = true}, &e);

    return err ? refuse_at(w, err, e.place.at, "this is no JSON that can be kept: %s", json_why_text(e.why))
               : 0;
}

/* The rest of the value that t begins; *end: behind it. The text has passed the reader, so nothing fails. */
static void value_skip(struct json_reader *r, struct json_token t, size_t *end)
{
    uint32_t depth = 0;

    for (;;) {
        if (t.type == JSON_TOKEN_OBJECT_BEGIN || t.type == JSON_TOKEN_ARRAY_BEGIN)
            depth++;
        if (t.type == JSON_TOKEN_OBJECT_END || t.type == JSON_TOKEN_ARRAY_END)
            depth--;
        *end = t.end;
        if (depth == 0)
            return;
        MUST(json_reader_next(r, &t) == 0);
    }
}

static int row_add(struct world *w, enum world_section s, struct span text)
{
    struct rows *rows = &w->rows[s];

    if (++w->rows_n > ROWS_MAX)
        return refuse_at(w, ERR_TOOBIG, (size_t)(text.p - w->text.p), "more than %d rows are not loaded.",
                         ROWS_MAX);
    if (rows->n == rows->cap) {
        rows->cap = rows->cap ? rows->cap * 2 : 64;
        rows->items = realloc(rows->items, rows->cap * sizeof *rows->items);
        MUST(rows->items);
    }
    rows->items[rows->n++] = text;
    return 0;
}

/* A list of objects, from the token that begins it. */
static int section_read(struct world *w, struct json_reader *r, enum world_section s, struct json_token t)
{
    if (w->rows[s].is_there)
        return refuse_at(w, ERR_INVALID, t.at, "%s are there twice.", section_names[s]);
    if (t.type != JSON_TOKEN_ARRAY_BEGIN)
        return refuse_at(w, ERR_INVALID, t.at, "%s are a list.", section_names[s]);
    w->rows[s].is_there = true;
    for (;;) {
        size_t end;

        MUST(json_reader_next(r, &t) == 0);
        if (t.type == JSON_TOKEN_ARRAY_END)
            return 0;
        if (t.type != JSON_TOKEN_OBJECT_BEGIN)
            return refuse_at(w, ERR_INVALID, t.at, "%s are a list of objects.", section_names[s]);
        value_skip(r, t, &end);
        TRY(row_add(w, s, (struct span){w->text.p + t.at, end - t.at}));
    }
}

static int member_read(struct world *w, struct json_reader *r, const struct json_token *key)
{
    struct json_token t;
    size_t end, s = 0;

    MUST(json_reader_next(r, &t) == 0);
    while (s < WORLD_SECTIONS && !json_string_is(key->text, section_names[s], strlen(section_names[s])))
        s++;
    if (s < WORLD_SECTIONS)
        return section_read(w, r, (enum world_section)s, t);
    value_skip(r, t, &end);
    if (json_string_is(key->text, "settings", 8)) {
        w->settings_at = t.at;
        MUST(json_parse(w->kept, (struct span){w->text.p + t.at, end - t.at}, &w->settings, NULL) == 0);
    } else if (!json_string_is(key->text, "format", 6) && !json_string_is(key->text, "about", 5)) {
        return refuse_at(w, ERR_INVALID, key->at, "a world has no part \"%.*s\".",
                         key->text.n > 60 ? 60 : (int)key->text.n, key->text.p);
    }
    return 0;
}

static int format_check(struct world *w)
{
    struct span format = {NULL, 0};

    if (json_member(w->text, "format", &format))
        return refuse_at(w, ERR_INVALID, 0, "no world: it does not say \"format\": \"" WORLD_FORMAT "\".");
    if (!span_is(format, "\"" WORLD_FORMAT "\""))
        return refuse_at(w, ERR_INVALID, (size_t)(format.p - w->text.p),
                         "the format %.*s is not known here, only \"" WORLD_FORMAT "\".",
                         format.n > 60 ? 60 : (int)format.n, format.p);
    return 0;
}

static int parts_read(struct world *w)
{
    struct json_reader r;
    struct json_token t;

    json_reader_init(&r, w->text, NULL);
    MUST(json_reader_next(&r, &t) == 0);
    for (;;) {
        MUST(json_reader_next(&r, &t) == 0);
        if (t.type != JSON_TOKEN_KEY)
            return 0;
        TRY(member_read(w, &r, &t));
    }
}

/* {"users": 2001, "all entities": "2001"}, or nothing. */
static bool is_next_pk(const struct json *v)
{
    const struct json *value;
    struct span name;
    size_t it = 0;
    int64_t pk;

    while (json_next(v, &it, &name, &value)) {
        struct span digits = json_kind(value) == JSON_STRING ? json_string(value) : json_number(value);
        size_t s = 0, i = 0;

        while (s < WORLD_SECTIONS && !span_is(name, section_names[s]))
            s++;
        for (pk = 0; i < digits.n && i < 15 && digits.p[i] >= '0' && digits.p[i] <= '9'; i++)
            pk = pk * 10 + (digits.p[i] - '0');
        if (i != digits.n || pk < 1 || (s == WORLD_SECTIONS && !span_is(name, "all entities")))
            return false;
    }
    return !v || json_kind(v) == JSON_OBJECT;
}

static int settings_check(struct world *w)
{
    if (w->settings && json_kind(w->settings) != JSON_OBJECT)
        return refuse_at(w, ERR_INVALID, w->settings_at, "settings are an object.");
    if (!is_next_pk(json_get(w->settings, "next_pk")))
        return refuse_at(w, ERR_INVALID, w->settings_at,
                         "settings: next_pk is an object that gives a number from 1 on to each entity.");
    return 0;
}

/* Key and pk of every row that has them; a row without is refused when it is its turn. */
static void names_read(struct world *w)
{
    struct arena *a = arena_new();

    for (int s = 0; s < WORLD_SECTIONS; s++)
        for (size_t i = 0; i < w->rows[s].n; i++) {
            const struct json *row;
            int64_t pk;

            MUST(json_parse(a, w->rows[s].items[i], &row, NULL) == 0);
            if (json_kind(json_get(row, "key")) == JSON_STRING && json_i64(json_get(row, "pk"), &pk) == 0)
                world_names_add(&w->names, section_names[s],
                                arena_copy(w->kept, json_string(json_get(row, "key"))), pk, i);
            arena_reset(a);
        }
    arena_free(&a);
}

int world_read(struct world **out, int fd, const char *label)
{
    struct world *w = calloc(1, sizeof *w);
    int err;

    MUST(w);
    *out = w;
    w->label = label;
    w->kept = arena_new();
    err = bytes_read(w, fd);
    if (!err)
        err = text_check(w);
    if (!err)
        err = format_check(w);
    if (!err)
        err = parts_read(w);
    if (!err)
        err = settings_check(w);
    if (!err)
        names_read(w);
    return err;
}

void world_free(struct world **world)
{
    struct world *w = *world;

    if (!w)
        return;
    for (int s = 0; s < WORLD_SECTIONS; s++)
        free(w->rows[s].items);
    world_names_free(&w->names);
    arena_free(&w->kept);
    free(w->bytes);
    free(w);
    *world = NULL;
}

const char *world_section_name(enum world_section s)
{
    return section_names[s];
}

size_t world_count(const struct world *w, enum world_section s)
{
    return w->rows[s].n;
}

struct span world_setting(const struct world *w, const char *name)
{
    return json_string(json_get(w->settings, name));
}

struct span world_next_pk(const struct world *w)
{
    return json_text(w->kept, json_get(w->settings, "next_pk"));
}

/* ---- names and rows -------------------------------------------------------------------------------------
 */

void world_name_add(struct world *w, struct span section, struct span key, int64_t id)
{
    struct span kept = arena_copy(w->kept, section);

    world_names_add(&w->names, kept.p, arena_copy(w->kept, key), id, 0);
}

int world_names_end(struct world *w)
{
    const struct world_name *twice = world_names_sort(&w->names);

    for (int s = 0; twice && s < WORLD_SECTIONS; s++)
        if (!strcmp(twice->section, section_names[s]))
            return world_row_refuse(w, (enum world_section)s, twice->row,
                                    "an earlier row has this key already.");
    MUST(!twice);
    return 0;
}

int world_rows(struct world *w, enum world_section s, size_t from, size_t n, struct arena *a,
               struct span *json, size_t *taken)
{
    struct arena *scrap = arena_new();
    struct json_out o;
    int err = 0;

    *taken = 0;
    json_out_init(&o, a);
    json_array(&o);
    while (!err && *taken < n && o.text.n < CHUNK_BYTES) {
        char why[WORLD_ROW_WHY];

        arena_reset(scrap);
        err = world_row_write(&w->names, section_names[s], w->rows[s].items[from + *taken], scrap, &o, why);
        if (err)
            (void)world_row_refuse(w, s, from + *taken, "%s", why);
        *taken += 1;
    }
    if (!err) {
        json_end(&o);
        *json = json_out_span(&o);
    }
    arena_free(&scrap);
    return err;
}
