/* embedded: files that travel inside the binary (migrations, views, catalogues, static assets).
 *
 * The tables are made by schemas/generate/embed.py and sit in read-only memory; nothing here is ever freed.
 */
#ifndef LOOKIT_EMBEDDED_H
#define LOOKIT_EMBEDDED_H

#include "types.h"

struct embedded {
    const char *name; /* path inside its folder: "shared/top.mustache", "0001_first.sql" */
    const char *p;    /* the bytes; a 0 byte follows them that n does not count */
    size_t n;
    const char *sha256; /* of the bytes, 64 lower case hex digits */
};

static inline struct span embedded_span(const struct embedded *file)
{
    return (struct span){file->p, file->n};
}

#endif
