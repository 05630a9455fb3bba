/* protocol_checker_value: what is written in a frame, against the tables of its kind. */
#include "protocol_checker.h"

#include <stdio.h>
#include <stdlib.h>

static const struct frame_param *param_find(const struct frame_param *params, size_t n, struct span name)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = low + (high - low) / 2, length = strlen(params[mid].name);
        int order = memcmp(params[mid].name, name.p, length < name.n ? length : name.n);
        if (order == 0)
            order = length < name.n ? -1 : length > name.n;
        if (order == 0)
            return &params[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static bool is_integer(const struct checker *c, uint32_t node)
{
    double number;

    return node_number(c, node, &number) && number > -9e15 && number < 9e15 &&
           !((double)(int64_t)number < number) && !((double)(int64_t)number > number);
}

static bool is_of_type(const struct checker *c, uint32_t node, uint32_t types)
{
    uint32_t fits = 0;

    switch (c->node[node].type) {
    case JSON_TOKEN_STRING:
        fits = VALUE_STRING | VALUE_IMAGE | VALUE_AUDIO | VALUE_VIDEO | VALUE_STIMULUS;
        break;
    case JSON_TOKEN_NUMBER:
        fits = is_integer(c, node) ? VALUE_NUMBER | VALUE_INTEGER : VALUE_NUMBER;
        break;
    case JSON_TOKEN_TRUE:
    case JSON_TOKEN_FALSE:
        fits = VALUE_BOOLEAN;
        break;
    case JSON_TOKEN_OBJECT_BEGIN:
        fits = VALUE_OBJECT | VALUE_STIMULUS;
        break;
    case JSON_TOKEN_ARRAY_BEGIN:
        fits = VALUE_ARRAY | VALUE_AUDIO | VALUE_VIDEO;
        break;
    case JSON_TOKEN_END:
    case JSON_TOKEN_OBJECT_END:
    case JSON_TOKEN_ARRAY_END:
    case JSON_TOKEN_KEY:
    case JSON_TOKEN_NULL:
        break;
    }
    return types == 0 || (types & fits) != 0;
}

static const char *type_words(uint32_t types)
{
    static const struct {
        uint32_t types;
        const char *words;
    } names[] = {
        {VALUE_STRING | VALUE_ARRAY, "text in double quotes, or a list of texts"},
        {VALUE_STRING, "text in double quotes"},
        {VALUE_INTEGER, "a whole number"},
        {VALUE_NUMBER, "a number"},
        {VALUE_BOOLEAN, "true or false, without quotes"},
        {VALUE_OBJECT, "an object in braces { }"},
        {VALUE_ARRAY, "a list in brackets [ ]"},
        {VALUE_IMAGE, "the name or address of a picture, in double quotes"},
        {VALUE_AUDIO, "the name of a sound, or a list of its files with \"src\" and \"type\""},
        {VALUE_VIDEO, "the name of a video, or a list of its files with \"src\" and \"type\""},
        {VALUE_STIMULUS, "the name of a picture, or an object with \"image\" or \"video\""},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (types == names[i].types)
            return names[i].words;
    return "of another type";
}

/* Capital letters, digits and underscores: looks like a placeholder that nothing filled in. */
static bool is_placeholder(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!((text.p[i] >= 'A' && text.p[i] <= 'Z') ||
              (i && (text.p[i] == '_' || (text.p[i] >= '0' && text.p[i] <= '9')))))
            return false;
    return text.n > 0;
}

/* "5" where 5 is wanted: the browser reads it all the same. */
static bool is_number_text(struct span text)
{
    char copy[32], *end;

    if (text.n == 0 || text.n >= sizeof copy)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!strchr("0123456789.-", text.p[i]))
            return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    (void)strtod(copy, &end);
    return *end == '\0' && end != copy;
}

/* What a finding calls this value: its name, or that of the list it is in. */
static struct quote name_of(const struct checker *c, uint32_t node)
{
    while (node && !c->node[node].key.p)
        node = c->node[node].parent;
    return quoted(c->node[node].key);
}

/* A wrong type that the player can live with: it shows a number as text, reads a number from text, takes null
 * for nothing. */
static bool is_bearable(const struct checker *c, uint32_t node, uint32_t types)
{
    switch (c->node[node].type) {
    case JSON_TOKEN_NULL:
        return true;
    case JSON_TOKEN_STRING:
        return (types & (VALUE_NUMBER | VALUE_INTEGER)) && is_number_text(c->node[node].text);
    case JSON_TOKEN_NUMBER:
        return (types & (VALUE_STRING | VALUE_BOOLEAN)) != 0;
    case JSON_TOKEN_TRUE:
    case JSON_TOKEN_FALSE:
    case JSON_TOKEN_ARRAY_BEGIN:
        return (types & VALUE_STRING) != 0;
    case JSON_TOKEN_OBJECT_BEGIN:
    case JSON_TOKEN_END:
    case JSON_TOKEN_OBJECT_END:
    case JSON_TOKEN_ARRAY_END:
    case JSON_TOKEN_KEY:
        break;
    }
    return false;
}

static void type_wrong(struct checker *c, uint32_t node, uint32_t types)
{
    struct span text = c->node[node].text;
    bool is_text = node_is(c, node, JSON_TOKEN_STRING);
    struct quote name = name_of(c, node);

    if (is_text && is_placeholder(text))
        finding_add(c, "W-UNRESOLVED-PLACEHOLDER", node,
                    "\"%s\" looks like a placeholder that no parameter fills in; \"%s\" must be %s.",
                    quoted(text).text, name.text, type_words(types));
    else
        finding_add(c, is_bearable(c, node, types) ? "W-PARAM-TYPE" : "E-PARAM-TYPE", node,
                    "\"%s\" must be %s.%s", name.text, type_words(types),
                    is_text && is_number_text(text) ? " Please write it without quotes." : "");
}

static void one_of_check(struct checker *c, uint32_t node, const struct frame_param *p)
{
    struct span text = c->node[node].text;
    struct nearest n = nearest_start(c, text, 10);
    bool is_language = p->name && strcmp(p->name, "language") == 0;
    char list[160];
    size_t used = 0;

    list[0] = '\0';
    for (const char *const *word = p->one_of; *word; word++) {
        int wrote;
        if (span_is(text, *word))
            return;
        nearest_try(&n, *word);
        wrote = snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", **word ? *word : "\"\"");
        if (wrote > 0)
            used = used + (size_t)wrote < sizeof list ? used + (size_t)wrote : sizeof list - 1;
    }
    finding_add(c, is_language ? "W-LANGUAGE-UNKNOWN" : "W-PARAM-ENUM", node, "\"%s\" must be one of: %s.%s",
                name_of(c, node).text, list, nearest_hint(&n).text);
}

static bool ends_with(struct span text, const char *end)
{
    size_t n = strlen(end);

    return text.n > n && memcmp(text.p + text.n - n, end, n) == 0;
}

static void asset_check(struct checker *c, uint32_t node, uint32_t types, bool has_assets)
{
    static const char *const endings[] = {".mp3", ".ogg", ".wav", ".mp4", ".webm", NULL};
    struct span text = c->node[node].text;
    struct quote q = quoted(text);

    if (text.n == 0 || !(types & (VALUE_IMAGE | VALUE_AUDIO | VALUE_VIDEO)))
        return;
    if (text.n > 7 && memcmp(text.p, "http://", 7) == 0)
        finding_add(c, "W-INSECURE-URL", node, "Browsers refuse \"%s\" on a secure site; please use https.",
                    q.text);
    if (!has_assets)
        return;
    for (size_t i = 0; (types & (VALUE_AUDIO | VALUE_VIDEO)) && endings[i]; i++)
        if (ends_with(text, endings[i]))
            finding_add(
                c, "W-ASSET-EXTENSION", node,
                "\"%s\": the ending is added to a name by itself; write it without, or give a list of "
                "files with \"src\" and \"type\".",
                q.text);
    if ((types & VALUE_IMAGE) && !memchr(text.p, '.', text.n) && !memchr(text.p, ':', text.n))
        finding_add(c, "W-ASSET-EXTENSION", node, "\"%s\" needs the ending of the picture's file, like .png.",
                    q.text);
}

static void range_check(struct checker *c, uint32_t node, const struct frame_param *p)
{
    double number;

    if (!node_number(c, node, &number))
        return;
    if (p->has_min && number < p->min)
        finding_add(c, "W-PARAM-RANGE", node, "\"%s\" must be at least %g.", name_of(c, node).text, p->min);
    if (p->has_max && number > p->max)
        finding_add(c, "W-PARAM-RANGE", node, "\"%s\" must be at most %g.", name_of(c, node).text, p->max);
}

/* One value by itself; true when it may be looked into. */
static bool value_check(struct checker *c, uint32_t node, const struct frame_param *p, bool has_assets)
{
    if (!is_of_type(c, node, p->types)) {
        type_wrong(c, node, p->types);
        return false;
    }
    if (node_is(c, node, JSON_TOKEN_STRING) && p->one_of)
        one_of_check(c, node, p);
    if (node_is(c, node, JSON_TOKEN_STRING))
        asset_check(c, node, p->types, has_assets);
    range_check(c, node, p);
    return true;
}

static const struct frame_param *inner_param(struct checker *c, uint32_t node,
                                             const struct frame_param *around)
{
    struct span key = c->node[node].key;
    const struct frame_param *found;
    struct nearest n;

    if (!key.p)
        return around->items;
    found = param_find(around->properties, around->properties_n, key);
    if (found || !around->properties_n || c->node[node].is_shadowed)
        return found;
    n = nearest_start(c, key, around->properties_n);
    for (size_t i = 0; i < around->properties_n; i++)
        nearest_try(&n, around->properties[i].name);
    if (nearest_hint(&n).text[0])
        finding_add_key(c, "W-PARAM-UNKNOWN", node, "\"%s\" is not known here.%s", quoted(key).text,
                        nearest_hint(&n).text);
    return NULL;
}

/* A value and all that is in it. Placeholders inside are followed, but what they bring is not looked into. */
static void value_walk(struct checker *c, uint32_t root, const struct frame_param *param, uint32_t scope,
                       bool has_assets)
{
    struct {
        const struct frame_param *param;
        uint32_t end;
    } open[DEPTH_MAX + 1];
    uint32_t n = 0, end = c->node[root].next;

    for (uint32_t i = root; i < end && step_take(c, 1);) {
        const struct frame_param *p = param;
        struct values v = {.n = 0};
        bool is_fine = true;
        while (n && i >= open[n - 1].end)
            n--;
        if (n)
            p = inner_param(c, i, open[n - 1].param);
        if (p)
            values_resolve(c, i, scope, &v);
        for (uint32_t k = 0; k < v.n; k++)
            is_fine = value_check(c, v.node[k], p, has_assets) && is_fine;
        if (p && is_fine && c->node[i].count && (p->items || p->properties_n) && n <= DEPTH_MAX) {
            open[n].param = p;
            open[n++].end = c->node[i].next;
            i++;
        } else {
            i = c->node[i].next;
        }
    }
}

static void unknown_check(struct checker *c, uint32_t node, const struct frame_kind *kind, bool is_common)
{
    struct span key = c->node[node].key;
    struct nearest n = nearest_start(c, key, kind->params_n);

    for (size_t i = 0; i < kind->params_n; i++)
        nearest_try(&n, kind->params[i].name);
    if (!is_common || nearest_hint(&n).text[0])
        finding_add_key(c, "W-PARAM-UNKNOWN", node, "%s knows no \"%s\".%s", kind->kind, quoted(key).text,
                        nearest_hint(&n).text);
}

static bool is_checked_elsewhere(struct span key)
{
    static const char *const names[] = {"kind", "id", "parameters", "generateProperties", "selectNextFrame",
                                        NULL};

    for (size_t i = 0; names[i]; i++)
        if (span_is(key, names[i]))
            return true;
    return key.n >= 2 && key.p[0] == '_' && key.p[1] == '_';
}

static bool is_remote(struct span text)
{
    return (text.n > 4 && memcmp(text.p, "URL:", 4) == 0) || (text.n > 5 && memcmp(text.p, "JSON:", 5) == 0);
}

static void layer_check(struct checker *c, const struct work *w, const struct frame_kind *kind,
                        bool is_common)
{
    uint32_t layer = is_common ? w->common : w->own;

    if (!node_is(c, layer, JSON_TOKEN_OBJECT_BEGIN))
        return;
    for (uint32_t i = layer + 1; i < c->node[layer].next && step_take(c, 8); i = c->node[i].next) {
        struct span key = c->node[i].key;
        const struct frame_param *p;
        struct values v = {.n = 0};
        if (c->node[i].is_shadowed || is_checked_elsewhere(key) || (is_common && tape_member(c, w->own, key)))
            continue;
        p = param_find(kind->params, kind->params_n, key);
        if (!p) {
            unknown_check(c, i, kind, is_common);
            continue;
        }
        values_resolve(c, i, w->scope, &v);
        for (uint32_t k = 0; k < v.n; k++) {
            uint32_t node = v.node[k];
            if (!node_is(c, node, JSON_TOKEN_STRING) ||
                !is_remote(c->node[node].text)) /* what comes from there is not known */
                value_walk(c, node, p, w->scope, kind->has_assets);
        }
    }
}

static void missing_check(struct checker *c, const struct work *w, const struct frame_kind *kind)
{
    for (size_t i = 0; i < kind->params_n; i++) {
        const struct frame_param *p = &kind->params[i];
        struct values v = {.n = 0};
        if (!p->is_required && !p->is_vital)
            continue;
        work_values(c, w, p->name, &v);
        if (v.n == 0)
            finding_add(c, p->is_vital ? "E-PARAM-FATAL" : "W-PARAM-REQUIRED", w->own, "%s needs \"%s\".",
                        kind->kind, p->name);
    }
}

void params_check(struct checker *c, const struct work *w, const struct frame_kind *kind)
{
    layer_check(c, w, kind, false);
    if (w->common)
        layer_check(c, w, kind, true);
    if (!work_raw(c, w, "generateProperties")) /* it may supply anything */
        missing_check(c, w, kind);
}

static void script_check(struct checker *c, const struct work *w, const char *key)
{
    struct values v = {.n = 0};

    work_values(c, w, key, &v);
    for (uint32_t i = 0; i < v.n; i++) {
        uint32_t node = v.node[i];
        const char *fault;
        if (node_is_falsy(c, node) || !step_take(c, 1 + c->node[node].text.n / 16))
            continue;
        if (!node_is(c, node, JSON_TOKEN_STRING)) {
            finding_add(c, "E-FUNCTION-TYPE", node,
                        "\"%s\" must be the text of a function, in double quotes.", key);
            continue;
        }
        fault = script_fault(c->node[node].text);
        if (fault)
            finding_add(c, "E-FUNCTION-SYNTAX", node, "\"%s\": this %s.", key, fault);
    }
}

void common_check(struct checker *c, const struct work *w)
{
    script_check(c, w, "generateProperties");
    script_check(c, w, "selectNextFrame");
    for (uint32_t i = w->own + 1; i < c->node[w->own].next && step_take(c, 1); i = c->node[i].next) {
        struct span key = c->node[i].key;
        if (key.n >= 2 && key.p[0] == '_' && key.p[1] == '_')
            finding_add_key(c, "W-DUNDER-KEY", i,
                            "\"%s\" is left out of the study, because its name begins with two underscores.",
                            quoted(key).text);
        else if (node_is(c, i, JSON_TOKEN_STRING) && is_remote(c->node[i].text))
            finding_add(
                c, "W-DEPENDENCY-URL", i,
                "\"%s\" is fetched from another place each time a family begins; if that place is away, the "
                "study cannot begin.",
                quoted(key).text);
    }
}

/* Groups and randomizers: only names that look like slips are told, because common properties may pass
 * through. */
void structure_keys_check(struct checker *c, const struct work *w, const char *const *known)
{
    for (uint32_t i = w->own + 1; i < c->node[w->own].next && step_take(c, 1); i = c->node[i].next) {
        struct span key = c->node[i].key;
        struct nearest n;
        bool is_known = is_checked_elsewhere(key);
        for (size_t k = 0; known[k]; k++)
            is_known = is_known || span_is(key, known[k]);
        if (is_known)
            continue;
        n = nearest_start(c, key, 6);
        for (size_t k = 0; known[k]; k++)
            nearest_try(&n, known[k]);
        if (nearest_hint(&n).text[0])
            finding_add_key(c, "W-PARAM-UNKNOWN", i, "\"%s\" is not known here.%s", quoted(key).text,
                            nearest_hint(&n).text);
    }
}
