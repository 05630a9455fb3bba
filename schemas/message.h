/* message: what the generator knows about every bus message, as tables.
 *
 * One descriptor per message; one generic function each packs, unpacks, prints and binds
 * (bus/wire.h, bus/db.h, gateway/bind.h). The tables are made by schemas/generate/messages.py
 * from schemas/messages/ *.toml; their C structs are in the generated messages.h. */
#ifndef LOOKIT_MESSAGE_H
#define LOOKIT_MESSAGE_H

#include "types.h"

enum field_type {
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_I64,
    FIELD_BOOL,
    FIELD_STR,  /* struct span, UTF-8, no U+0000 */
    FIELD_BIN,  /* struct span */
    FIELD_UUID, /* struct uuid */
    FIELD_TIME, /* int64_t, microseconds since 1970 UTC */
    FIELD_JSON, /* struct span, one JSON text */
    FIELD_LIST  /* struct list of .item */
};

/* A list<T> field: `items` points at n values of T's C type. */
struct list {
    const void *items;
    size_t n;
};

struct field {
    const char *name;
    uint32_t number;      /* key on the wire, 1..127, never reused */
    enum field_type type;
    enum field_type item; /* of FIELD_LIST */
    bool is_optional;
    bool is_private; /* masked in tap, logs, traces */
    uint64_t max;    /* bytes for str bin json; largest value for numbers; for lists: bytes or value of one item */
    size_t list_max; /* most items of a list */
    size_t offset;
    size_t has_offset; /* of the bool has_<name>; only when is_optional */
    const char *eg;    /* example, as text that bind understands: docs, round-trip test, fuzz seed */
    const char *doc;
};

enum message_kind { MESSAGE_REQUEST, MESSAGE_REPLY, MESSAGE_EVENT };

struct message {
    const char *name; /* "study.activate" */
    uint16_t id;
    enum message_kind kind;
    const char *const *from; /* NULL-terminated actor names; replies and events: who may say it */
    const char *to;          /* service; NULL for replies and events */
    uint16_t reply;          /* id of the expected reply, 0 = none */
    uint32_t wait_ms;        /* deadline when the asker names none */
    size_t size;             /* of the C struct */
    const struct field *field;
    size_t field_n;
    const char *doc;
};

/* All messages ordered by id. */
extern const struct message *const messages[];
extern const size_t messages_n;

/* NULL when no such message. */
const struct message *message_by_id(uint16_t id);
const struct message *message_by_name(struct span name);
const struct field *message_field(const struct message *m, struct span name);

#endif
