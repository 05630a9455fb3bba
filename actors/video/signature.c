/* signature: see the header. The values are walked as tokens, so nesting needs no stack of ours. */
#include "signature.h"

#include "crypt.h"
#include "errors.h"
#include "json.h"
#include "json_reader.h"
#include "jsonapi.h"

/* ---- as Python writes it
 * ------------------------------------------------------------------------------------------ */

/* The code point at s[*i], which is well-formed UTF-8; moves on. */
static uint32_t code_point(struct span s, size_t *i)
{
    unsigned char c = (unsigned char)s.p[(*i)++];
    unsigned more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    uint32_t v = more == 0 ? c : c & (0x3fu >> more);

    while (more-- && *i < s.n)
        v = v << 6 | ((unsigned char)s.p[(*i)++] & 0x3f);
    return v;
}

static void character_add(struct arena *a, struct text *t, uint32_t c)
{
    static const char plain[] = "\"\\\n\r\t\b\f", letter[] = "\"\\nrtbf";
    const char *special = c && c < 0x80 ? strchr(plain, (int)c) : NULL;
    char byte = (char)c;

    if (special)
        text_print(a, t, "\\%c", letter[special - plain]);
    else if (c >= 0x20 && c <= 0x7e)
        text_add(a, t, (struct span){&byte, 1});
    else if (c < 0x10000)
        text_print(a, t, "\\u%04x", c);
    else
        text_print(a, t, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
}

static void string_add(struct arena *a, struct text *t, struct span s)
{
    text_add(a, t, SPAN("\""));
    for (size_t i = 0; i < s.n;)
        character_add(a, t, code_point(s, &i));
    text_add(a, t, SPAN("\""));
}

static void escaped_add(struct arena *a, struct text *t, struct span escaped)
{
    char *plain = arena_get(a, escaped.n + 1);
    size_t n = 0;

    if (!json_string_unescape(escaped, plain, escaped.n, &n))
        string_add(a, t, (struct span){plain, n});
}

static void number_add(struct arena *a, struct text *t, struct span number)
{
    struct span s = jsonapi_number(a, number);

    text_add(a, t, s.p ? s : number.p[0] == '-' ? SPAN("-Infinity") : SPAN("Infinity"));
}

/* A comma belongs before whatever does not open something. */
static void comma_add(struct arena *a, struct text *t)
{
    char last = t->n ? t->p[t->n - 1] : '{';

    if (last != '{' && last != '[' && last != ':')
        text_add(a, t, SPAN(","));
}

static void token_add(struct arena *a, struct text *t, const struct json_token *k)
{
    bool is_end = k->type == JSON_TOKEN_OBJECT_END || k->type == JSON_TOKEN_ARRAY_END;

    if (!is_end)
        comma_add(a, t);
    switch (k->type) {
    case JSON_TOKEN_KEY:
        escaped_add(a, t, k->text);
        text_add(a, t, SPAN(":"));
        return;
    case JSON_TOKEN_STRING:
        escaped_add(a, t, k->text);
        return;
    case JSON_TOKEN_NUMBER:
        number_add(a, t, k->text);
        return;
    case JSON_TOKEN_OBJECT_BEGIN:
    case JSON_TOKEN_OBJECT_END:
        text_add(a, t, is_end ? SPAN("}") : SPAN("{"));
        return;
    case JSON_TOKEN_ARRAY_BEGIN:
    case JSON_TOKEN_ARRAY_END:
        text_add(a, t, is_end ? SPAN("]") : SPAN("["));
        return;
    case JSON_TOKEN_TRUE:
    case JSON_TOKEN_FALSE:
    case JSON_TOKEN_NULL:
        text_add(a, t, k->text);
        return;
    case JSON_TOKEN_END:
        return;
    }
}

static int value_add(struct arena *a, struct text *t, const struct json *value)
{
    struct span text = json_text(a, value);
    struct json_token k = {.type = JSON_TOKEN_NULL};
    struct json_reader r;

    json_reader_init(&r, text, NULL);
    for (;;) {
        TRY(json_reader_next(&r, &k));
        if (k.type == JSON_TOKEN_END)
            return 0;
        token_add(a, t, &k);
    }
}

/* ---- what is signed
 * ----------------------------------------------------------------------------------------------- */

#define SIGNED_MAX 256u

struct signed_pair {
    struct span name;
    const struct json *value;
};

struct signed_pairs {
    struct signed_pair pair[SIGNED_MAX];
    size_t n;
};

/* As in a Python dict: a later value takes the place of an earlier one of its name. */
static int pair_put(struct signed_pairs *p, struct span name, const struct json *value)
{
    size_t i = 0;

    while (i < p->n && !span_same(p->pair[i].name, name))
        i++;
    if (i == SIGNED_MAX)
        return ERR_MALFORMED;
    p->pair[i] = (struct signed_pair){name, value};
    p->n += i == p->n;
    return 0;
}

static bool is_empty(const struct json *v)
{
    struct span number = json_number(v);

    switch (json_kind(v)) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return !json_bool(v);
    case JSON_STRING:
        return json_string(v).n == 0;
    case JSON_NUMBER:
        return span_is(number, "0") || span_is(number, "0.0");
    case JSON_ARRAY:
    case JSON_OBJECT:
        return json_size(v) == 0;
    }
    return false;
}

static int pairs_find(struct arena *a, const struct json *document, struct signed_pairs *p)
{
    const struct json *data = json_get(document, "data"), *value;
    const struct json *meta = json_get(document, "meta");
    struct span name;
    size_t at = 0;

    if (json_get(data, "id"))
        TRY(pair_put(p, SPAN("id"), json_get(data, "id")));
    while (json_next(json_get(data, "attributes"), &at, &name, &value)) {
        name = jsonapi_key(a, name);
        if (!span_is(name, "type") && !span_is(name, "study") && !span_is(name, "response"))
            TRY(pair_put(p, name, value));
    }
    return is_empty(meta) ? 0 : pair_put(p, SPAN("_meta"), meta);
}

int signature_text(struct arena *a, struct span document, struct span *out)
{
    struct signed_pairs *p = arena_get(a, sizeof *p);
    const struct json *root = NULL;
    struct text t = {0};

    if (document.n)
        TRY(json_parse(a, document, &root, NULL));
    TRY(pairs_find(a, root, p));
    text_add(a, &t, SPAN("{"));
    for (size_t i = 0; i < p->n; i++) {
        comma_add(a, &t);
        string_add(a, &t, p->pair[i].name);
        text_add(a, &t, SPAN(":"));
        TRY(value_add(a, &t, p->pair[i].value));
    }
    text_add(a, &t, SPAN("}"));
    *out = text_span(&t);
    return 0;
}

bool signature_is_right(struct arena *a, struct span key, struct span document, struct span sent)
{
    uint8_t digest[32];
    char hex[65];
    struct span text;

    if (key.n == 0 || signature_text(a, document, &text))
        return false;
    crypt_hmac_sha256(key, text, digest);
    (void)crypt_hex((struct span){(const char *)digest, sizeof digest}, hex, sizeof hex);
    return sent.n == 64 && crypt_equal(hex, sent.p, 64);
}
