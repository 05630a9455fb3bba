/* json: documents as trees in an arena, and a writer. The grammar is schemas/json_reader.h (RFC 8259);
 * numbers stay text, so none loses a digit, and members keep their order. */
#ifndef LOOKIT_JSON_H
#define LOOKIT_JSON_H

#include "arena.h"

/* A parsed document value; NULL means "absent" (JSON null is a value of kind JSON_NULL). Lives as long as the
 * arena. */
struct json;
enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* ERR_MALFORMED or ERR_TOOBIG (nested deeper than 64), *why (which may be NULL) a short sentence. The tree is
 * a copy: text may go. About 64 bytes per value: whoever reads from outside bounds the text first. */
int json_parse(struct arena *a, struct span text, const struct json **out, const char **why) MUST_CHECK;

enum json_kind json_kind(const struct json *v); /* absent: JSON_NULL */
/* All of these take NULL for "absent" and answer as for it, so json_get(json_get(v, "a"), "b") is safe. Of
 * members with the same name json_get gives the last, as JavaScript does; json_size, json_at and json_next
 * see each. */
const struct json *json_get(const struct json *object,
                            const char *key); /* NULL when absent or not an object */
const struct json *json_get_span(const struct json *object, struct span key);
size_t json_size(const struct json *v); /* items of an array or members of an object, else 0 */
const struct json *json_at(const struct json *array,
                           size_t i); /* NULL behind the end; of an object: the i-th member's value */
/* Members in document order: start with *it = 0; false at the end. */
bool json_next(const struct json *object, size_t *it, struct span *key, const struct json **value);
struct span json_string(const struct json *v); /* unescaped, may hold U+0000; {NULL,0} unless a string */
bool json_bool(const struct json *v);          /* false unless true */
/* ERR_MALFORMED unless a number written as an integer that fits: 1.0 and 1e3 are none. */
int json_i64(const struct json *v, int64_t *out) MUST_CHECK;
struct span json_number(const struct json *v); /* number text; {NULL,0} unless a number */
struct span json_text(struct arena *a,
                      const struct json *v); /* as it was written, without white space; absent: "null" */

/* Writer: correct by construction. Commas and escapes are its business; a key outside an object, a value
 * without one inside, an end too many, a second value at the top or nesting above 64 are bugs (MUST). */
struct json_out {
    struct arena *arena;
    struct text text;
    uint64_t objects; /* inner state: bit d is set when the container at depth d is an object */
    uint32_t depth;
    bool wants_comma;
    bool has_key;
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
void json_add_raw(struct json_out *o,
                  struct span json); /* already JSON: trusted text, e.g. from PostgreSQL */
struct span
json_out_span(const struct json_out *o); /* what stands; MUST be complete; lives as long as the arena */

/* A JSON text, trusted, without the blanks between its tokens and with U+2028 and U+2029 escaped, which some
 * readers take for the end of a line. Lives as long as the arena. */
struct span json_compact(struct arena *a, struct span json);

/* A compact JSON text, trusted, for people: each member and item on a line of its own, `by` blanks a level
 * (at most JSON_INDENT_MAX), a blank behind each colon. Lives as long as the arena. */
#define JSON_INDENT_MAX 8u
struct span json_indent(struct arena *a, struct span json, unsigned by);

#endif
