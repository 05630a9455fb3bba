/* protocol_minify: see checker.h. */
#include "checker.h"
#include "errors.h"
#include "json_reader.h"

/* Appends to out; source and target may overlap, because out never runs ahead of the text. */
static int put(struct span piece, char *out, size_t room, size_t *n)
{
    if (room - *n < piece.n)
        return ERR_TOOBIG;
    memmove(out + *n, piece.p, piece.n);
    *n += piece.n;
    return 0;
}

static bool is_closing(enum json_token_type type)
{
    return type == JSON_TOKEN_OBJECT_END || type == JSON_TOKEN_ARRAY_END;
}

static bool is_opening(enum json_token_type type)
{
    return type == JSON_TOKEN_OBJECT_BEGIN || type == JSON_TOKEN_ARRAY_BEGIN;
}

int protocol_minify(struct span text, char *out, size_t room, size_t *n)
{
    struct json_limits limits = {.values_max = PROTOCOL_VALUES_MAX, .bytes_max = PROTOCOL_BYTES_MAX};
    struct json_reader r;
    struct json_token t;
    struct span glue = SPAN("");
    int rc;

    *n = 0;
    rc = json_valid(text, &limits, NULL); /* whole first: a mistake must not leave half a text behind */
    if (rc)
        return rc;
    json_reader_init(&r, text, &limits);
    while ((rc = json_reader_next(&r, &t)) == 0 && t.type != JSON_TOKEN_END) {
        if (!is_closing(t.type))
            rc = put(glue, out, room, n);
        if (rc == 0)
            rc = put((struct span){text.p + t.at, t.end - t.at}, out, room, n);
        if (rc)
            return rc;
        glue = t.type == JSON_TOKEN_KEY ? SPAN(":") : is_opening(t.type) ? SPAN("") : SPAN(",");
    }
    return rc;
}
