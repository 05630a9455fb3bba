/* indent: see the header. */
#include "indent.h"

#include "errors.h"
#include "json_reader.h"

static void line(struct arena *a, struct text *t, unsigned depth)
{
    text_add(a, t, SPAN("\n"));
    for (unsigned i = 0; i < depth; i++)
        text_add(a, t, SPAN("\t"));
}

/* What stands between the token before and this one. */
struct place {
    unsigned depth;
    bool is_open;   /* a bracket was just opened */
    bool has_value; /* a value or a bracket's end was just written */
    bool has_key;   /* a name and its colon were just written */
};

static void before(struct arena *a, struct text *t, const struct place *p)
{
    if (p->has_value)
        text_add(a, t, SPAN(","));
    if (!p->has_key && p->depth)
        line(a, t, p->depth);
}

static void opening(struct arena *a, struct text *t, struct place *p, struct span bracket)
{
    before(a, t, p);
    text_add(a, t, bracket);
    *p = (struct place){.depth = p->depth + 1, .is_open = true};
}

static void closing(struct arena *a, struct text *t, struct place *p, struct span bracket)
{
    if (!p->is_open)
        line(a, t, p->depth - 1);
    text_add(a, t, bracket);
    *p = (struct place){.depth = p->depth - 1, .has_value = true};
}

int indent_json(struct arena *a, struct text *t, struct span json)
{
    static const struct json_limits limits = {.depth_max = JSON_DEPTH_CAP};
    struct json_reader r;
    struct json_token token;
    struct place p = {0};

    json_reader_init(&r, json, &limits);
    for (;;) {
        TRY(json_reader_next(&r, &token));
        struct span written = {json.p + token.at, token.end - token.at};
        switch (token.type) {
        case JSON_TOKEN_END:
            return 0;
        case JSON_TOKEN_OBJECT_BEGIN:
        case JSON_TOKEN_ARRAY_BEGIN:
            opening(a, t, &p, written);
            break;
        case JSON_TOKEN_OBJECT_END:
        case JSON_TOKEN_ARRAY_END:
            closing(a, t, &p, written);
            break;
        case JSON_TOKEN_KEY:
            before(a, t, &p);
            text_add(a, t, SPAN("\""));
            text_add(a, t, token.text);
            text_add(a, t, SPAN("\": "));
            p = (struct place){.depth = p.depth, .has_key = true};
            break;
        case JSON_TOKEN_STRING:
        case JSON_TOKEN_NUMBER:
        case JSON_TOKEN_TRUE:
        case JSON_TOKEN_FALSE:
        case JSON_TOKEN_NULL:
            before(a, t, &p);
            text_add(a, t, written);
            p = (struct place){.depth = p.depth, .has_value = true};
            break;
        }
    }
}
