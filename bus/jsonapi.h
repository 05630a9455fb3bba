/* jsonapi: what the two ends of a JSON:API request must read alike (spec of the API, 7 and 11.1). */
#ifndef LOOKIT_JSONAPI_H
#define LOOKIT_JSONAPI_H

#include "arena.h"

/* The attribute that a key of a document means: expData, exp-data, ExpData and EXPData are exp_data. */
struct span jsonapi_key(struct arena *a, struct span key);

/* A number of JSON as Python writes it: whole numbers keep every digit, all others are the shortest text that
 * reads back as the same double: 1.0, 1e+20, 1e-05. {NULL,0}: no double holds it. */
struct span jsonapi_number(struct arena *a, struct span number);

/* Can PostgreSQL keep this number exactly, and is it one that Python would read? */
bool jsonapi_number_fits(struct span number);

/* A text without the blanks at both ends. */
struct span jsonapi_strip(struct span text);

#endif
