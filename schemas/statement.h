/* statement: one SQL statement of actors/NAME/sql/, embedded by schemas/generate/statements.py.
 *
 * First line of each file:  -- in: study uuid, viewer bigint · out: doc json · rows: one
 * In the text a parameter is written :name; the embedder turns it into $k. */
#ifndef LOOKIT_STATEMENT_H
#define LOOKIT_STATEMENT_H

#include "types.h"

enum rows { ROWS_NONE, ROWS_ONE, ROWS_MAYBE, ROWS_MANY };

struct column {
    const char *name;
    const char *type; /* PostgreSQL type name */
    uint32_t oid;     /* of that type */
};

struct statement {
    const char *name; /* file name without .sql; unique in the house */
    const char *text;
    const struct column *in;
    size_t in_n;
    const struct column *out;
    size_t out_n;
    enum rows rows;
};

#endif
