/* ebml: see the header. */
#include "ebml.h"

#include <errno.h>
#include <unistd.h>

#include "errors.h"
#include "log.h"

void ebml_init(struct ebml_file *f, int fd, uint64_t size)
{
    f->fd = fd;
    f->size = size;
    f->buffer_at = 0;
    f->buffer_n = 0;
}

const uint8_t *ebml_bytes(struct ebml_file *f, uint64_t at, size_t n)
{
    MUST(n <= 4096);
    if (at > f->size || n > f->size - at)
        return NULL;
    if (at < f->buffer_at || at + n > f->buffer_at + f->buffer_n) {
        ssize_t got;
        do
            got = pread(f->fd, f->buffer, sizeof f->buffer, (off_t)at);
        while (got < 0 && errno == EINTR);
        f->buffer_at = at;
        f->buffer_n = got > 0 ? (size_t)got : 0;
        if (f->buffer_n < n)
            return NULL;
    }
    return f->buffer + (at - f->buffer_at);
}

/* Length of the variable-size integer that begins with this byte, 0 when it is longer than max. */
static size_t vint_length(uint8_t first, size_t max)
{
    for (size_t n = 1; n <= max; n++)
        if (first & (0x80u >> (n - 1)))
            return n;
    return 0;
}

int ebml_read(struct ebml_file *f, uint64_t at, uint64_t end, struct ebml_element *e)
{
    const uint8_t *p = ebml_bytes(f, at, 1);
    size_t id_n = p ? vint_length(p[0], 4) : 0, size_n;
    uint64_t value, all_ones;

    p = id_n ? ebml_bytes(f, at, id_n + 1) : NULL;
    if (!p)
        return ERR_MALFORMED;
    e->id = 0;
    for (size_t i = 0; i < id_n; i++)
        e->id = e->id << 8 | p[i];
    size_n = vint_length(p[id_n], 8);
    p = size_n ? ebml_bytes(f, at, id_n + size_n) : NULL;
    if (!p)
        return ERR_MALFORMED;
    value = p[id_n] & (0xffu >> size_n);
    all_ones = 0xffu >> size_n;
    for (size_t i = 1; i < size_n; i++) {
        value = value << 8 | p[id_n + i];
        all_ones = all_ones << 8 | 0xff;
    }
    e->at = at;
    e->body = at + id_n + size_n;
    e->size = value == all_ones ? EBML_UNKNOWN : value;
    if (e->body > end || (e->size != EBML_UNKNOWN && e->size > end - e->body))
        return ERR_MALFORMED;
    return 0;
}

int ebml_number(struct ebml_file *f, const struct ebml_element *e, uint64_t *out)
{
    const uint8_t *p;

    *out = 0;
    if (e->size > 8)
        return ERR_MALFORMED;
    p = ebml_bytes(f, e->body, (size_t)e->size);
    if (!p)
        return ERR_MALFORMED;
    for (size_t i = 0; i < e->size; i++)
        *out = *out << 8 | p[i];
    return 0;
}

static void put_byte(struct ebml_out *o, uint8_t b)
{
    if (o->n < o->room)
        o->p[o->n] = b;
    o->n++;
}

void ebml_put_id(struct ebml_out *o, uint32_t id)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        if (id >> shift)
            put_byte(o, (uint8_t)(id >> shift));
}

void ebml_put_size8(struct ebml_out *o, uint64_t size)
{
    put_byte(o, 0x01);
    for (int shift = 48; shift >= 0; shift -= 8)
        put_byte(o, (uint8_t)(size >> shift));
}

void ebml_put_number(struct ebml_out *o, uint32_t id, uint64_t value)
{
    ebml_put_id(o, id);
    put_byte(o, 0x88);
    for (int shift = 56; shift >= 0; shift -= 8)
        put_byte(o, (uint8_t)(value >> shift));
}

void ebml_put_double(struct ebml_out *o, uint32_t id, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits); /* IEEE 754, as RFC 8794 §7.3 wants it */
    ebml_put_number(o, id, bits);
}

void ebml_put_bytes(struct ebml_out *o, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_byte(o, p[i]);
}
