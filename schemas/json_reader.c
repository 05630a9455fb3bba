/* json_reader: see the header. The grammar is RFC 8259; UTF-8 well-formedness is table 3-7 of the Unicode standard. */
#include "json_reader.h"

#include "errors.h"
#include "utf8.h"

#define IS_OBJECT 0x80000000u
#define COUNT_CAP 0x7fffffffu

/* What may come next. */
enum expect {
    EXPECT_VALUE,         /* a value, nothing else */
    EXPECT_FIRST_ELEMENT, /* a value or ] */
    EXPECT_FIRST_NAME,    /* a name or } */
    EXPECT_NAME,          /* a name, after a comma */
    EXPECT_ELEMENT,       /* a value, after a comma in an array */
    EXPECT_COLON_VALUE,   /* a colon and a value */
    EXPECT_MORE,          /* a comma or the closing bracket */
    EXPECT_END
};

static int fail(struct json_reader *r, enum json_why why, size_t at)
{
    r->why = why;
    r->why_at = at;
    return why >= JSON_TOO_DEEP ? ERR_TOOBIG : ERR_MALFORMED;
}

void json_reader_init(struct json_reader *r, struct span text, const struct json_limits *limits)
{
    static const struct json_limits none;

    r->text = text;
    r->limits = limits ? *limits : none;
    if (r->limits.depth_max == 0)
        r->limits.depth_max = JSON_DEPTH_DEFAULT;
    if (r->limits.depth_max > JSON_DEPTH_CAP)
        r->limits.depth_max = JSON_DEPTH_CAP;
    if (r->limits.members_max == 0 || r->limits.members_max > COUNT_CAP)
        r->limits.members_max = COUNT_CAP;
    if (r->limits.values_max == 0)
        r->limits.values_max = SIZE_MAX;
    if (r->limits.bytes_max == 0)
        r->limits.bytes_max = SIZE_MAX;
    r->pos = 0;
    r->values = 0;
    r->depth = 0;
    r->expect = EXPECT_VALUE;
    r->why = JSON_FINE;
    r->why_at = 0;
    if (text.n > r->limits.bytes_max)
        (void)fail(r, JSON_TOO_LONG, r->limits.bytes_max);
    else if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        (void)fail(r, JSON_BOM, 0);
}

static size_t space_skip(struct span text, size_t at)
{
    while (at < text.n) {
        char c = text.p[at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            break;
        at++;
    }
    return at;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Four hex digits at p, or -1. */
static int32_t hex4(const char *p, size_t n)
{
    int32_t value = 0;

    if (n < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* *at stands on a backslash; moves behind the escape (both halves of a pair). */
static int escape_check(struct json_reader *r, size_t *at)
{
    const char *p = r->text.p + *at;
    size_t left = r->text.n - *at;
    int32_t unit;

    if (left < 2)
        return fail(r, JSON_CUT_SHORT, r->text.n);
    if (p[1] != 'u') {
        if (p[1] == '\0' || !strchr("\"\\/bfnrt", p[1]))
            return fail(r, JSON_BAD_ESCAPE, *at);
        *at += 2;
        return 0;
    }
    unit = hex4(p + 2, left - 2);
    if (unit < 0)
        return fail(r, JSON_BAD_ESCAPE, *at);
    if (unit == 0 && r->limits.refuse_nul)
        return fail(r, JSON_HAS_NUL, *at);
    if (is_low(unit))
        return fail(r, JSON_LONE_SURROGATE, *at);
    if (is_high(unit)) {
        if (left < 12 || p[6] != '\\' || p[7] != 'u' || !is_low(hex4(p + 8, left - 8)))
            return fail(r, JSON_LONE_SURROGATE, *at);
        *at += 6;
    }
    *at += 6;
    return 0;
}

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* Skips plain string bytes eight at a time: no quote, backslash, control character or byte above 0x7f among them. */
static size_t plain_skip(struct span text, size_t at)
{
    while (text.n - at >= 8) {
        uint64_t w, quote, slash, stop;
        memcpy(&w, text.p + at, 8);
        quote = w ^ (ONES * '"');
        slash = w ^ (ONES * '\\');
        stop = (w - ONES * 0x20) | (quote - ONES) | (slash - ONES) | w;
        if (stop & HIGHS)
            break;
        at += 8;
    }
    while (at < text.n) {
        unsigned char c = (unsigned char)text.p[at];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            break;
        at++;
    }
    return at;
}

/* r->pos stands on the opening quote. */
static int string_read(struct json_reader *r, struct json_token *t, enum json_token_type type)
{
    size_t start = r->pos, at = r->pos + 1;
    bool escapes = false;

    for (;;) {
        unsigned char c;
        at = plain_skip(r->text, at);
        if (at == r->text.n)
            return fail(r, JSON_STRING_OPEN, start);
        c = (unsigned char)r->text.p[at];
        if (c == '"')
            break;
        if (c == '\\') {
            int rc = escape_check(r, &at);
            if (rc)
                return rc;
            escapes = true;
        } else if (c < 0x20) {
            return fail(r, JSON_STRING_CONTROL, at);
        } else {
            size_t n = utf8_length((const unsigned char *)r->text.p + at, r->text.n - at);
            if (n == 0)
                return fail(r, JSON_BAD_UTF8, at);
            at += n;
        }
    }
    r->pos = at + 1;
    *t = (struct json_token){type, escapes, {r->text.p + start + 1, at - start - 1}, start, r->pos};
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Moves over digits; false when there is none. */
static bool digits_skip(struct span text, size_t *at)
{
    size_t start = *at;

    while (*at < text.n && is_digit(text.p[*at]))
        ++*at;
    return *at > start;
}

/* Does a value end here? Anything else glued to a number or word is part of the mistake. */
static bool is_boundary(struct span text, size_t at)
{
    return at == text.n || strchr(" \n\r\t,]}:", text.p[at]) != NULL;
}

static int number_read(struct json_reader *r, struct json_token *t)
{
    struct span text = r->text;
    size_t start = r->pos, at = r->pos;

    if (text.p[at] == '-')
        at++;
    if (at < text.n && text.p[at] == '0')
        at++;
    else if (!digits_skip(text, &at))
        return fail(r, JSON_BAD_NUMBER, start);
    if (at < text.n && text.p[at] == '.') {
        at++;
        if (!digits_skip(text, &at))
            return fail(r, JSON_BAD_NUMBER, start);
    }
    if (at < text.n && (text.p[at] == 'e' || text.p[at] == 'E')) {
        at++;
        if (at < text.n && (text.p[at] == '+' || text.p[at] == '-'))
            at++;
        if (!digits_skip(text, &at))
            return fail(r, JSON_BAD_NUMBER, start);
    }
    if (!is_boundary(text, at) || (at < text.n && text.p[at] == '\0'))
        return fail(r, JSON_BAD_NUMBER, start);
    r->pos = at;
    *t = (struct json_token){JSON_TOKEN_NUMBER, false, {text.p + start, at - start}, start, at};
    return 0;
}

static int word_read(struct json_reader *r, struct json_token *t)
{
    static const struct {
        const char *word;
        size_t n;
        enum json_token_type type;
    } words[] = {{"true", 4, JSON_TOKEN_TRUE}, {"false", 5, JSON_TOKEN_FALSE}, {"null", 4, JSON_TOKEN_NULL}};
    size_t start = r->pos, left = r->text.n - r->pos;

    for (size_t i = 0; i < 3; i++) {
        size_t n = words[i].n;
        if (left < n || memcmp(r->text.p + start, words[i].word, n) != 0)
            continue;
        if (!is_boundary(r->text, start + n) || (left > n && r->text.p[start + n] == '\0'))
            break;
        r->pos = start + n;
        *t = (struct json_token){words[i].type, false, {r->text.p + start, n}, start, r->pos};
        return 0;
    }
    return fail(r, JSON_BAD_WORD, start);
}

static int container_open(struct json_reader *r, struct json_token *t, bool is_object)
{
    if (r->depth >= r->limits.depth_max)
        return fail(r, JSON_TOO_DEEP, r->pos);
    r->members[r->depth++] = is_object ? IS_OBJECT : 0;
    r->expect = is_object ? EXPECT_FIRST_NAME : EXPECT_FIRST_ELEMENT;
    *t = (struct json_token){is_object ? JSON_TOKEN_OBJECT_BEGIN : JSON_TOKEN_ARRAY_BEGIN,
                             false,
                             {r->text.p + r->pos, 1},
                             r->pos,
                             r->pos + 1};
    r->pos++;
    return 0;
}

static void after_value(struct json_reader *r)
{
    r->expect = r->depth ? EXPECT_MORE : EXPECT_END;
}

static int container_close(struct json_reader *r, struct json_token *t)
{
    bool is_object = (r->members[--r->depth] & IS_OBJECT) != 0;

    *t = (struct json_token){is_object ? JSON_TOKEN_OBJECT_END : JSON_TOKEN_ARRAY_END,
                             false,
                             {r->text.p + r->pos, 1},
                             r->pos,
                             r->pos + 1};
    r->pos++;
    after_value(r);
    return 0;
}

/* r->pos stands on the first byte of something that should be a value. */
static int value_read(struct json_reader *r, struct json_token *t)
{
    char c = r->text.p[r->pos];
    int rc;

    if (++r->values > r->limits.values_max)
        return fail(r, JSON_TOO_MANY, r->pos);
    if (c == '{' || c == '[')
        return container_open(r, t, c == '{');
    if (c == '"')
        rc = string_read(r, t, JSON_TOKEN_STRING);
    else if (c == '-' || is_digit(c))
        rc = number_read(r, t);
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$')
        rc = word_read(r, t);
    else
        rc = fail(r, c == '+' || c == '.' ? JSON_BAD_NUMBER : JSON_NO_VALUE, r->pos);
    if (rc == 0)
        after_value(r);
    return rc;
}

/* Counts one more member or element of the innermost container. */
static int member_count(struct json_reader *r)
{
    uint32_t *count = &r->members[r->depth - 1];

    if ((*count & COUNT_CAP) >= r->limits.members_max)
        return fail(r, JSON_TOO_MANY, r->pos);
    ++*count;
    return 0;
}

static int name_read(struct json_reader *r, struct json_token *t)
{
    int rc;

    if (r->text.p[r->pos] != '"')
        return fail(r, JSON_NO_NAME, r->pos);
    rc = member_count(r);
    if (rc == 0)
        rc = string_read(r, t, JSON_TOKEN_KEY);
    if (rc == 0)
        r->expect = EXPECT_COLON_VALUE;
    return rc;
}

/* After a value inside a container: takes the comma (then the next member or element is to be read) or the end. */
static int more_read(struct json_reader *r, struct json_token *t, bool *is_done)
{
    bool is_object = (r->members[r->depth - 1] & IS_OBJECT) != 0;
    char c = r->text.p[r->pos];

    *is_done = true;
    if (c == (is_object ? '}' : ']'))
        return container_close(r, t);
    if (c != ',')
        return fail(r, JSON_NO_COMMA, r->pos);
    *is_done = false;
    r->pos = space_skip(r->text, r->pos + 1);
    if (r->pos == r->text.n)
        return fail(r, JSON_CUT_SHORT, r->pos);
    if (r->text.p[r->pos] == (is_object ? '}' : ']'))
        return fail(r, JSON_COMMA_AT_END, r->pos);
    r->expect = is_object ? EXPECT_NAME : EXPECT_ELEMENT;
    return 0;
}

static int colon_skip(struct json_reader *r)
{
    if (r->text.p[r->pos] != ':')
        return fail(r, JSON_NO_COLON, r->pos);
    r->pos = space_skip(r->text, r->pos + 1);
    return r->pos == r->text.n ? fail(r, JSON_CUT_SHORT, r->pos) : 0;
}

/* The text is used up: fine only behind the one value. */
static int end_read(struct json_reader *r, struct json_token *t)
{
    if (r->expect != EXPECT_END)
        return fail(r, r->values ? JSON_CUT_SHORT : JSON_EMPTY, r->pos);
    *t = (struct json_token){JSON_TOKEN_END, false, {NULL, 0}, r->pos, r->pos};
    return 0;
}

int json_reader_next(struct json_reader *r, struct json_token *t)
{
    bool is_done = false;
    int rc = 0;

    if (r->why != JSON_FINE)
        return fail(r, r->why, r->why_at);
    r->pos = space_skip(r->text, r->pos);
    if (r->pos == r->text.n)
        return end_read(r, t);
    if (r->expect == EXPECT_MORE) {
        rc = more_read(r, t, &is_done);
        if (rc || is_done)
            return rc;
    }
    switch ((enum expect)r->expect) {
    case EXPECT_FIRST_NAME:
        return r->text.p[r->pos] == '}' ? container_close(r, t) : name_read(r, t);
    case EXPECT_NAME:
        return name_read(r, t);
    case EXPECT_FIRST_ELEMENT:
        if (r->text.p[r->pos] == ']')
            return container_close(r, t);
        rc = member_count(r);
        return rc ? rc : value_read(r, t);
    case EXPECT_ELEMENT:
        rc = member_count(r);
        return rc ? rc : value_read(r, t);
    case EXPECT_COLON_VALUE:
        rc = colon_skip(r);
        return rc ? rc : value_read(r, t);
    case EXPECT_VALUE:
        return value_read(r, t);
    case EXPECT_END:
    case EXPECT_MORE:
        break;
    }
    return fail(r, JSON_TRAILING, r->pos);
}

struct json_error json_reader_error(const struct json_reader *r)
{
    struct json_error err = {r->why, {0, 1, 1}};

    if (r->why != JSON_FINE)
        err.place = json_place_of(r->text, r->why_at);
    return err;
}

int json_valid(struct span text, const struct json_limits *limits, struct json_error *err)
{
    struct json_reader r;
    struct json_token t;
    int rc;

    json_reader_init(&r, text, limits);
    do
        rc = json_reader_next(&r, &t);
    while (rc == 0 && t.type != JSON_TOKEN_END);
    if (err)
        *err = json_reader_error(&r);
    return rc;
}

int json_member(struct span object, const char *name, struct span *value)
{
    struct json_reader r;
    struct json_token t;
    size_t name_n = strlen(name), start = 0;
    bool is_wanted = false, is_found = false;

    *value = (struct span){NULL, 0};
    json_reader_init(&r, object, NULL);
    for (;;) {
        uint32_t depth = r.depth;
        int rc = json_reader_next(&r, &t);
        if (rc)
            return rc;
        if (t.type == JSON_TOKEN_END)
            return is_found ? 0 : ERR_NOTFOUND;
        if (depth == 0 && t.type != JSON_TOKEN_OBJECT_BEGIN)
            return ERR_MALFORMED;
        if (depth == 1 && t.type == JSON_TOKEN_KEY) {
            is_wanted = json_string_is(t.text, name, name_n);
            start = 0;
            continue;
        }
        if (!is_wanted)
            continue;
        if (depth == 1)
            start = t.at;
        if (r.depth == 1) { /* the value is complete */
            *value = (struct span){object.p + start, t.end - start};
            is_wanted = false;
            is_found = true;
        }
    }
}
