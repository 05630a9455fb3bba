/* json: the one door to json-c (documents) and, for validation and spans, to schemas/json_reader.h. */
#ifndef LOOKIT_JSON_H
#define LOOKIT_JSON_H

#include "arena.h"

/* A parsed document value; NULL means "absent" (JSON null is a value of kind JSON_NULL). Lives as long as the arena. */
struct json;
enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* ERR_MALFORMED (with a short reason, may be NULL) or ERR_TOOBIG (depth > 64). The tree is released with the arena. */
int json_parse(struct arena *a, struct span text, const struct json **out, const char **why) MUST_CHECK;

enum json_kind json_kind(const struct json *v);
const struct json *json_get(const struct json *object, const char *key); /* NULL when absent or not an object */
const struct json *json_get_span(const struct json *object, struct span key);
size_t json_size(const struct json *v); /* items of an array or members of an object, else 0 */
const struct json *json_at(const struct json *array, size_t i);
/* Members in document order: start with *it = 0; false at the end. */
bool json_next(const struct json *object, size_t *it, struct span *key, const struct json **value);
struct span json_string(const struct json *v);         /* {NULL,0} unless a string */
bool json_bool(const struct json *v);                  /* false unless true */
int json_i64(const struct json *v, int64_t *out) MUST_CHECK; /* ERR_MALFORMED unless an integer that fits */
struct span json_number(struct arena *a, const struct json *v); /* number text */
struct span json_text(struct arena *a, const struct json *v);   /* serialised again, compact */

/* Writer: correct by construction (commas and escapes are its business); nesting at most 64 (MUST). */
struct json_out {
    struct arena *arena;
    struct text text;
    uint64_t bits;  /* inner state */
    uint32_t depth;
    bool wants_comma;
};
void json_out_init(struct json_out *o, struct arena *a);
void json_object(struct json_out *o);
void json_array(struct json_out *o);
void json_end(struct json_out *o); /* closes the innermost */
void json_key(struct json_out *o, struct span key);
void json_add_string(struct json_out *o, struct span s); /* invalid UTF-8 becomes U+FFFD */
void json_add_i64(struct json_out *o, int64_t v);
void json_add_u64(struct json_out *o, uint64_t v);
void json_add_bool(struct json_out *o, bool v);
void json_add_null(struct json_out *o);
void json_add_raw(struct json_out *o, struct span json); /* already JSON: trusted text, e.g. from PostgreSQL */
struct span json_out_span(const struct json_out *o);

#endif
