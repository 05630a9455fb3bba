/* form: see the header. Pairs, and header values of the form `word; name=value`. */
#include "form.h"

#include "errors.h"
#include "form_private.h"
#include "http.h"
#include "route.h"
#include "utf8.h"

int form_add(struct arena *a, struct form *f, struct span name, struct span value)
{
    if (f->value_n + f->file_n >= FORM_VALUES_MAX || name.n > FORM_NAME_MAX)
        return ERR_TOOBIG;
    if (!utf8_is_text(name) || !utf8_is_text(value))
        return ERR_MALFORMED;
    if (!f->value)
        f->value = arena_get(a, FORM_VALUES_MAX * sizeof *f->value);
    f->value[f->value_n++] = (struct form_value){name, value};
    return 0;
}

static int pair_add(struct arena *a, struct form *f, struct span pair)
{
    const char *equals = memchr(pair.p, '=', pair.n);
    struct span name = pair, value = {"", 0};

    if (equals) {
        name.n = (size_t)(equals - pair.p);
        value = (struct span){equals + 1, pair.n - name.n - 1};
    }
    return form_add(a, f, route_decode(a, name, true), route_decode(a, value, true));
}

int form_urlencoded(struct arena *a, struct span text, struct form *f)
{
    size_t start = 0;

    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != '&')
            continue;
        if (i > start)
            TRY(pair_add(a, f, (struct span){text.p + start, i - start}));
        start = i + 1;
    }
    return 0;
}

struct span form_get(const struct form *f, const char *name)
{
    for (size_t i = f->value_n; i-- > 0;)
        if (span_is(f->value[i].name, name))
            return f->value[i].value;
    return (struct span){NULL, 0};
}

bool media_type_is(struct span header, const char *type)
{
    const char *semicolon = header.n ? memchr(header.p, ';', header.n) : NULL;

    if (semicolon)
        header.n = (size_t)(semicolon - header.p);
    return http_name_is(http_trimmed(header), type);
}

/* One `; name=value` from *at on; false at the end. A quote inside quotes comes as %22 (HTML), so none is
 * escaped. */
static bool parameter_next(struct span h, size_t *at, struct span *name, struct span *value)
{
    size_t i = *at, start;

    while (i < h.n && h.p[i] != ';')
        i++;
    if (i >= h.n)
        return false;
    start = ++i;
    while (i < h.n && h.p[i] != '=' && h.p[i] != ';')
        i++;
    *name = http_trimmed((struct span){h.p + start, i - start});
    *value = (struct span){"", 0};
    if (i < h.n && h.p[i] == '=') {
        start = ++i;
        if (i < h.n && h.p[i] == '"') {
            start = ++i;
            while (i < h.n && h.p[i] != '"')
                i++;
            *value = (struct span){h.p + start, i - start};
            i += i < h.n;
        } else {
            while (i < h.n && h.p[i] != ';')
                i++;
            *value = http_trimmed((struct span){h.p + start, i - start});
        }
    }
    *at = i;
    return true;
}

struct span header_parameter(struct span header, const char *name)
{
    struct span found, value;
    size_t at = 0;

    while (header.n && parameter_next(header, &at, &found, &value))
        if (http_name_is(found, name))
            return value;
    return (struct span){NULL, 0};
}
