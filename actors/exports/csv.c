/* csv: see the header. */
#include "csv.h"

#include "errors.h"
#include "json_reader.h"

static void quoted(struct arena *a, struct text *t, struct span s)
{
    size_t start = 0;

    text_add(a, t, SPAN("\""));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '"')
            continue;
        text_add(a, t, (struct span){s.p + start, i + 1 - start});
        start = i; /* the quote comes once more with the next piece */
    }
    text_add(a, t, (struct span){s.p + start, s.n - start});
    text_add(a, t, SPAN("\""));
}

static int string_cell(struct arena *a, struct text *t, const struct json_token *token)
{
    struct span s = token->text;

    if (token->has_escapes) {
        char *plain = arena_get(a, s.n + 1);
        TRY(json_string_unescape(s, plain, s.n + 1, &s.n));
        s.p = plain;
    }
    quoted(a, t, s);
    return 0;
}

/* A list or object: token is its first. */
static int nested_cell(struct arena *a, struct text *t, struct json_reader *r, struct json_token *token)
{
    size_t start = token->at;
    unsigned depth = 1;

    while (depth) {
        TRY(json_reader_next(r, token));
        depth += token->type == JSON_TOKEN_OBJECT_BEGIN || token->type == JSON_TOKEN_ARRAY_BEGIN;
        depth -= token->type == JSON_TOKEN_OBJECT_END || token->type == JSON_TOKEN_ARRAY_END;
    }
    quoted(a, t, (struct span){r->text.p + start, token->end - start});
    return 0;
}

static int cell(struct arena *a, struct text *t, struct json_reader *r, struct json_token *token)
{
    switch (token->type) {
    case JSON_TOKEN_STRING:
        return string_cell(a, t, token);
    case JSON_TOKEN_NUMBER:
        text_add(a, t, token->text);
        return 0;
    case JSON_TOKEN_TRUE:
        text_add(a, t, SPAN("True"));
        return 0;
    case JSON_TOKEN_FALSE:
        text_add(a, t, SPAN("False"));
        return 0;
    case JSON_TOKEN_NULL:
        text_add(a, t, SPAN("\"\""));
        return 0;
    case JSON_TOKEN_OBJECT_BEGIN:
    case JSON_TOKEN_ARRAY_BEGIN:
        return nested_cell(a, t, r, token);
    case JSON_TOKEN_END:
    case JSON_TOKEN_OBJECT_END:
    case JSON_TOKEN_ARRAY_END:
    case JSON_TOKEN_KEY:
        break;
    }
    return ERR_MALFORMED;
}

int csv_cells(struct arena *a, struct text *t, struct span array, bool is_first)
{
    static const struct json_limits limits = {.depth_max = JSON_DEPTH_CAP};
    struct json_reader r;
    struct json_token token;

    if (array.n == 0)
        return 0;
    json_reader_init(&r, array, &limits);
    TRY(json_reader_next(&r, &token));
    if (token.type != JSON_TOKEN_ARRAY_BEGIN)
        return ERR_MALFORMED;
    for (;;) {
        TRY(json_reader_next(&r, &token));
        if (token.type == JSON_TOKEN_ARRAY_END)
            return 0;
        if (!is_first)
            text_add(a, t, SPAN(","));
        is_first = false;
        TRY(cell(a, t, &r, &token));
    }
}

void csv_end(struct arena *a, struct text *t)
{
    text_add(a, t, SPAN("\r\n"));
}
