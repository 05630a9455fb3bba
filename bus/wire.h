/* wire: messages as bytes, as JSON and from text. The one door to msgpack-c.
 *
 * A message is two frames: an envelope and a body. Each is a msgpack map keyed by field number, written and read by one
 * generic function from the descriptor table (schemas/message.h); the envelope has such a table too. Unknown numbers are
 * skipped, so an older program understands a newer one. Everything else that is odd is refused. */
#ifndef LOOKIT_WIRE_H
#define LOOKIT_WIRE_H

#include "arena.h"
#include "message.h"

#define WIRE_VERSION 1u
#define WIRE_BODY_MAX ((size_t)65536) /* a packed body above this travels through the spool */
#define WIRE_ENVELOPE_MAX ((size_t)512)
#define WIRE_DEPTH_MAX 16u /* nesting */

/* What the bus needs to know about a body. Kind says what the message is on this way: the hub looks at it, never at the body. */
struct envelope {
    uint8_t version;
    uint8_t kind;        /* enum message_kind */
    uint16_t message;    /* id */
    uint64_t id;         /* ties a reply to its request, for the two ends of one connection; 0: nobody waits */
    int64_t deadline_ms; /* clock_mono_ms() of this machine; 0 when nobody waits */
    uint64_t trace;
    struct span from; /* set by the hub, from the connection */
    bool has_from;
    struct uuid op; /* the body's field op_id, when it has one */
    bool has_op;
    struct uuid spool; /* the body lies in the spool … */
    bool has_spool;
    uint64_t bytes; /* … is this long … */
    bool has_bytes;
    struct span sha256; /* … and has this digest */
    bool has_sha256;
    uint64_t took_us; /* reply: what the handler needed */
    bool has_took_us;
    uint16_t err; /* reply: the ERR_* of a refusal */
    bool has_err;
};
extern const struct message WIRE_ENVELOPE;

/* Packs body (the message's struct) into the arena. ERR_MALFORMED or ERR_TOOBIG when it breaks a bound of its own table:
 * then *bad (may be NULL) is the field. */
int wire_pack(struct arena *a, const struct message *m, const void *body, struct span *out, const struct field **bad) MUST_CHECK;

/* The same into a buffer; *n is the length. ERR_TOOBIG also when it does not fit. */
int wire_write(const struct message *m, const void *body, char *out, size_t room, size_t *n) MUST_CHECK;

/* Reads bytes into body (m->size bytes). Text and lists: spans point into bytes, items live in the arena; both must outlive
 * body. ERR_MALFORMED: not exactly one map, a number twice, a required field missing, a wrong type, bad UTF-8, U+0000.
 * ERR_TOOBIG: above a bound. *bad (may be NULL) is the field at fault or NULL. */
int wire_unpack(struct arena *a, const struct message *m, struct span bytes, void *body, const struct field **bad) MUST_CHECK;

/* Is this exactly one msgpack value of bounded depth and count? msgpack-c itself believes the counts it reads: five bytes
 * make it reserve gigabytes. ERR_MALFORMED, ERR_TOOBIG. */
int wire_guard(struct span bytes, size_t elements_max) MUST_CHECK;

/* Most bytes that a packed m can have. */
size_t wire_size_max(const struct message *m);

/* Does body keep the bounds of its table? As wire_pack. */
int wire_check(const struct message *m, const void *body, const struct field **bad) MUST_CHECK;

/* ---- for people and other systems ---------------------------------------------------------------------------------- */

/* The message as a JSON object, names as keys: uuid and time (RFC 3339) as strings, bin as hex, json as it is; absent
 * fields are left out; private ones are "…" when is_masked. In the arena. */
struct span wire_json(struct arena *a, const struct message *m, const void *body, bool is_masked);

/* Sets one field from text that a person or program gave: path, query and form values, the `eg` of the schema.
 * Numbers are decimal; bool is true/false, 1/0, on/off, yes/no; bin is hex; time is RFC 3339; a list is its items with
 * commas between. ERR_INVALID with one plain sentence in *why (in the arena or static). Text is borrowed, not copied. */
int wire_field_from_text(struct arena *a, const struct field *f, struct span text, void *body, const char **why) MUST_CHECK;

/* Adds one item to a list field: form keys that come several times. Errors as above. */
int wire_list_add(struct arena *a, const struct field *f, struct span text, void *body, const char **why) MUST_CHECK;

/* Sets one field from one JSON value (its exact text, e.g. from json_member). A json field takes it as it is. null: an
 * optional field is absent. Numbers may also come as text in quotes. Errors as above. */
int wire_field_from_json(struct arena *a, const struct field *f, struct span value, void *body, const char **why) MUST_CHECK;

/* ---- frame only ----------------------------------------------------------------------------------------------------- */

size_t wire_value_size(enum field_type type); /* of the C type of one value */

static inline const void *field_at(const struct field *f, const void *body)
{
    return (const char *)body + f->offset;
}

static inline bool field_is_there(const struct field *f, const void *body)
{
    return !f->is_optional || *(const bool *)((const char *)body + f->has_offset);
}

static inline void field_set_there(const struct field *f, void *body, bool is_there)
{
    if (f->is_optional)
        *(bool *)((char *)body + f->has_offset) = is_there;
}

#endif
