/* ebml: element by element through a file that somebody else sent (RFC 8794), and small elements written.
 *
 * Reading is by position, through one buffer; nothing is trusted: sizes are held against the file's. */
#ifndef LOOKIT_EBML_H
#define LOOKIT_EBML_H

#include "types.h"

#define EBML_UNKNOWN UINT64_MAX /* size of an element that was written while nobody knew its end */

struct ebml_file {
    int fd;
    uint64_t size;
    uint64_t buffer_at;
    size_t buffer_n;
    uint8_t buffer[65536];
};

struct ebml_element {
    uint32_t id;
    uint64_t at;   /* of its first byte */
    uint64_t body; /* of its content */
    uint64_t size; /* of its content, or EBML_UNKNOWN */
};

void ebml_init(struct ebml_file *f, int fd, uint64_t size);

/* n bytes at `at`, n at most 4096; NULL beyond the end or when reading fails. Valid until the next call. */
const uint8_t *ebml_bytes(struct ebml_file *f, uint64_t at, size_t n);

/* The element at `at`. ERR_MALFORMED: none there, or its content does not fit below end. */
int ebml_read(struct ebml_file *f, uint64_t at, uint64_t end, struct ebml_element *e) MUST_CHECK;

static inline uint64_t ebml_end(const struct ebml_element *e)
{
    return e->body + e->size;
}

/* Unsigned number in an element's content, at most 8 bytes; missing bytes are 0. ERR_MALFORMED. */
int ebml_number(struct ebml_file *f, const struct ebml_element *e, uint64_t *out) MUST_CHECK;

/* ---- writing into memory */

struct ebml_out {
    uint8_t *p;
    size_t n, room; /* n beyond room: it did not fit, nothing more was written */
};
void ebml_put_id(struct ebml_out *o, uint32_t id);
void ebml_put_size8(struct ebml_out *o, uint64_t size); /* always 8 bytes */
void ebml_put_number(struct ebml_out *o, uint32_t id, uint64_t value);
void ebml_put_double(struct ebml_out *o, uint32_t id, double value);
void ebml_put_bytes(struct ebml_out *o, const uint8_t *p, size_t n);

#endif
