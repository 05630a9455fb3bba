/* bind: what came over HTTP, into the struct of a message, by its descriptor and within its bounds.
 *
 * Sources, strongest first: the gateway itself (viewer, session, address, origin, path, query: never from
 * input), the path, the body, the query. Names are field names; a hyphen in a form's name is an underscore here. Values
 * are checked one by one, so a form learns of all its mistakes at once. */
#ifndef LOOKIT_BIND_H
#define LOOKIT_BIND_H

#include "arena.h"
#include "form.h"
#include "message.h"
#include "route.h"

#define BIND_ERRORS_MAX 64u
#define BIND_DEPTH_MAX 64u /* of a document that is passed on whole */

struct bind_error {
    struct span field;
    const char *code; /* "required", "null", "invalid", "max_length", "unknown": JSON:API's `code` */
    const char *text; /* a sentence for people, in the arena or static */
    bool is_relationship;
};

/* What a walk over a JSON:API document saw that PostgreSQL cannot hold. */
struct bind_oddities {
    bool has_zero;   /* \u0000 somewhere */
    bool has_number; /* a number that is out of range somewhere */
};

struct bind {
    struct arena *arena;
    const struct message *m;
    void *body;          /* m->size bytes: what bus.h's port_ask takes */
    uint8_t *from;       /* per field: enum bind_from */
    unsigned files_used; /* bit per file of the form that a field took */
    struct bind_error error[BIND_ERRORS_MAX];
    size_t error_n;
    struct bind_oddities odd;
    const char *why;  /* what is wrong with the whole, when a call fails */
    const char *code; /* its JSON:API code */
};

void bind_init(struct bind *b, struct arena *a, const struct message *m);

/* Sets a field of the gateway's own; nothing when the message has none of that name. A type that does not fit
 * is a bug. */
void bind_own_number(struct bind *b, const char *name, uint64_t v);
void bind_own_text(struct bind *b, const char *name, struct span v); /* str, bin */
void bind_own_uuid(struct bind *b, const char *name, const struct uuid *v);
void bind_own_texts(struct bind *b, const char *name, const struct span *v, size_t n); /* list<str> */

/* ERR_NOTFOUND: there is no such address. */
int bind_path(struct bind *b, const struct capture *c, size_t n) MUST_CHECK;

/* Query and HTML forms: unknown names are passed over. For a form (is_form) an empty text is an absent
 * number, date or id; text loses blanks at both ends (passwords do not); a file's id, name, type, size and
 * digest go into the fields X, X_name, X_type, X_bytes and X_sha256. */
void bind_form(struct bind *b, const struct form *f, bool is_form);

/* One JSON object, unknown members refused by name. ERR_MALFORMED (why says where), else look at the errors.
 * An empty text is an empty object. When the message has a json field named `body`, that field takes the
 * whole document of any kind, byte for byte: at most BIND_DEPTH_MAX deep, no U+0000; ERR_TOOBIG. */
int bind_json(struct bind *b, struct span text) MUST_CHECK;

/* JSON:API document (spec of the API, 7): data.attributes.NAME (any spelling of snake_case) into the fields
 * NAME; data.relationships.NAME.data.id and .type into the fields NAME and NAME_type of a message that has
 * both. Unknown ones are passed over. An id that no row can have becomes the id of zeros, which no row has. A
 * text or a number may be null, where it is optional: then its name goes into the field `nulls`, if the
 * message has it, for to the desk that is not the same as absent. The field `document` takes the whole text
 * as it came. type: what data.type must be; id: what data.id must be, {NULL,0} when it does not count.
 * ERR_MALFORMED; ERR_CONFLICT (type, id). */
int bind_jsonapi(struct bind *b, struct span text, struct span type, struct span id) MUST_CHECK;

/* A message with a field `faults` takes what is wrong with attributes and relationships along to its desk, as
 * bus.h's faults_take() reads it: there, whether the asker may know of the row at all is said first.
 *
 * Completes: what a form leaves out is false or empty for check boxes and lists; op_id is made when nobody
 * gave one; every other required field must be there. 0, or ERR_INVALID with b->error. */
int bind_finish(struct bind *b, bool is_form) MUST_CHECK;

/* {"birthday":["Please give a date."],…} */
struct span bind_errors_json(const struct bind *b);

/* Most bytes that a body for this message can need. 0: it has no field that a body could fill. */
uint64_t bind_body_max(const struct route *r, bool is_form);
/* Most bytes of one file that the message takes: the largest bound of its X_bytes fields; 0: it takes none.
 */
uint64_t bind_file_max(const struct message *m);

#endif
