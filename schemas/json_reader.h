/* json_reader: a strict RFC 8259 reader over bytes that somebody else sent.
 *
 * Pull style: each call of json_reader_next() gives one token, as spans into the text. Nothing is allocated, nothing
 * recurses, every nesting and count has a bound, and each token and each mistake has a place. Numbers stay text, so
 * none loses a digit. Depends on libc only. */
#ifndef LOOKIT_JSON_READER_H
#define LOOKIT_JSON_READER_H

#include "types.h"

#define JSON_DEPTH_DEFAULT 64u
#define JSON_DEPTH_CAP 512u /* what struct json_reader has room for */

enum json_token_type {
    JSON_TOKEN_END, /* the one value is complete and only white space follows */
    JSON_TOKEN_OBJECT_BEGIN,
    JSON_TOKEN_OBJECT_END,
    JSON_TOKEN_ARRAY_BEGIN,
    JSON_TOKEN_ARRAY_END,
    JSON_TOKEN_KEY, /* member name; its value is the next token */
    JSON_TOKEN_STRING,
    JSON_TOKEN_NUMBER,
    JSON_TOKEN_TRUE,
    JSON_TOKEN_FALSE,
    JSON_TOKEN_NULL
};

/* What is wrong, for programs; json_why_text() says it for people. */
enum json_why {
    JSON_FINE,
    JSON_EMPTY,          /* nothing but white space */
    JSON_CUT_SHORT,      /* the text ends inside a value */
    JSON_NO_VALUE,       /* something that starts no value */
    JSON_NO_NAME,        /* a member name in double quotes was expected */
    JSON_NO_COLON,       /* no colon after a member name */
    JSON_NO_COMMA,       /* neither comma nor closing bracket after a value */
    JSON_COMMA_AT_END,   /* a comma right before a closing bracket */
    JSON_TRAILING,       /* more text after the value */
    JSON_STRING_OPEN,    /* closing quote missing */
    JSON_STRING_CONTROL, /* a control character (a line break, a tab) inside a string */
    JSON_BAD_ESCAPE,     /* unknown \x, or \u without four hex digits */
    JSON_BAD_UTF8,       /* bytes that are not UTF-8 */
    JSON_LONE_SURROGATE, /* half of a surrogate pair in \u escapes */
    JSON_HAS_NUL,        /* \u0000, refused because limits.refuse_nul */
    JSON_BAD_NUMBER,     /* leading zero, missing digits, a plus sign … */
    JSON_BAD_WORD,       /* True, NULL, undefined, NaN … */
    JSON_BOM,            /* byte order mark in front (RFC 8259 §8.1) */
    JSON_TOO_DEEP,       /* more nesting than limits.depth_max */
    JSON_TOO_MANY,       /* more values than limits.members_max or limits.values_max */
    JSON_TOO_LONG        /* more bytes than limits.bytes_max */
};

/* Zero means the default in brackets. A NULL pointer to limits means all defaults. */
struct json_limits {
    uint32_t depth_max;   /* open containers [64]; at most JSON_DEPTH_CAP */
    uint32_t members_max; /* members or elements of one container [unlimited] */
    size_t values_max;    /* values in the whole text [unlimited] */
    size_t bytes_max;     /* length of the text [unlimited] */
    bool refuse_nul;      /* refuse \u0000 in strings and names: PostgreSQL cannot hold it */
};

/* line and column count from 1; columns count Unicode code points; a line ends at LF, CR LF or CR. */
struct json_place {
    size_t at; /* byte offset */
    uint32_t line, column;
};

struct json_error {
    enum json_why why;
    struct json_place place;
};

struct json_token {
    enum json_token_type type;
    bool has_escapes; /* KEY, STRING: json_string_unescape() is needed to get the value */
    struct span text; /* KEY, STRING: what is between the quotes, still escaped; NUMBER and words: the literal */
    size_t at;        /* offset of its first byte (for strings: of the opening quote) */
    size_t end;       /* offset after its last byte */
};

struct json_reader {
    struct span text;
    struct json_limits limits;
    size_t pos;
    size_t values;
    uint32_t depth;
    uint8_t expect; /* inner state */
    enum json_why why;
    size_t why_at;
    uint32_t members[JSON_DEPTH_CAP]; /* per open container; top bit: it is an object */
};

/* Borrows text for as long as the reader is used. limits may be NULL. Cannot fail. */
void json_reader_init(struct json_reader *r, struct span text, const struct json_limits *limits);

/* Gives the next token; after JSON_TOKEN_END it keeps giving JSON_TOKEN_END. ERR_MALFORMED, or ERR_TOOBIG for a limit:
 * then r->why and r->why_at say what and where, and every later call fails the same way. */
int json_reader_next(struct json_reader *r, struct json_token *t) MUST_CHECK;

/* The place of the reader's error; JSON_FINE when there is none. Walks the text up to it. */
struct json_error json_reader_error(const struct json_reader *r);

/* Is text one JSON value within limits? err may be NULL. 0, ERR_MALFORMED or ERR_TOOBIG. */
int json_valid(struct span text, const struct json_limits *limits, struct json_error *err) MUST_CHECK;

/* Finds a member of the top-level object and gives the span of its value (quotes and brackets included). Names are
 * compared after unescaping; of several equal names the last counts, as in JavaScript. The whole text is validated with
 * default limits. ERR_NOTFOUND when text is an object without it, ERR_MALFORMED or ERR_TOOBIG when text is no object. */
int json_member(struct span object, const char *name, struct span *value) MUST_CHECK;

/* Writes the value of a string (token.text, between the quotes) into out: never longer than text.n bytes, not terminated.
 * text must have passed the reader. ERR_TOOBIG when out has less room than needed; *n is the length written. */
int json_string_unescape(struct span text, char *out, size_t room, size_t *n) MUST_CHECK;

/* Is the value of this still escaped string equal to name? text must have passed the reader. */
bool json_string_is(struct span text, const char *name, size_t name_n);

/* Line and column of an offset. json_place_move() goes on from an earlier place of the same text (at must not lie before
 * it): many places in order cost one walk. */
struct json_place json_place_of(struct span text, size_t at);
void json_place_move(struct span text, struct json_place *place, size_t at);

/* A short sentence for people, static. */
const char *json_why_text(enum json_why why);

#endif
