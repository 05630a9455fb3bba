/* bind_private: between bind.c, bind_json.c, bind_jsonapi.c and bind_attribute.c. */
#ifndef LOOKIT_BIND_PRIVATE_H
#define LOOKIT_BIND_PRIVATE_H

#include "bind.h"
#include "json_reader.h"

enum bind_from { FROM_NOBODY, FROM_QUERY, FROM_BODY, FROM_PATH, FROM_GATEWAY };

/* The field of that name if input may set it, else NULL. *index: its place in the table. */
const struct field *bind_open_field(const struct bind *b, struct span name, size_t *index);
/* A relationship NAME is a pair of fields: NAME, a uuid, and NAME_type. */
bool bind_is_relationship(const struct bind *b, const struct field *f);
/* Beyond BIND_ERRORS_MAX: passed over. */
void bind_say(struct bind *b, struct span field, const char *code, const char *text);
/* The same about a place inside a field, "sequence/0", of an attribute or a relationship. */
void bind_say_at(struct bind *b, struct span place, bool is_relationship, const char *code, const char *text);
/* Strips, turns CR LF into LF. */
struct span bind_clean(struct arena *a, const struct field *f, struct span text);

/* ---- bind_json.c: walks the members of one object ---- */
struct members {
    struct arena *arena;
    struct json_reader r;
};
/* ERR_INVALID: not an object. ERR_MALFORMED: not JSON. ERR_TOOBIG: too deep, too much. */
int members_begin(struct members *m, struct arena *a, struct span text) MUST_CHECK;
/* *more false at the end, which is then checked to be the end of the text. */
int members_next(struct members *m, struct span *name, struct span *value, bool *more) MUST_CHECK;
/* The walk failed: says where and why. */
int bind_not_json(struct bind *b, const struct json_reader *r);
int bind_refuse(struct bind *b, int err, const char *code, const char *why);

/* ---- bind_attribute.c ---- */
/* One attribute of a JSON:API document, by the rules of the spec of the API, 7 and 9.4. */
void attribute_bind(struct bind *b, const struct field *f, size_t at, struct span value);
/* Looks a document over before anything is bound: ERR_MALFORMED, said. */
int document_check(struct bind *b, struct span text) MUST_CHECK;

#endif
