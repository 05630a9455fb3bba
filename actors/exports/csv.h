/* csv: rows of a table as the scripts of the labs read them (spec of the downloads, 3): comma, CR LF, quotes
 * doubled; everything but numbers and True/False stands in quotes, a missing value too. */
#ifndef LOOKIT_CSV_H
#define LOOKIT_CSV_H

#include "arena.h"

/* Adds the cells of a JSON array to the row that ends t; is_first: no comma goes before. Lists and objects
 * stand as their JSON text. ERR_MALFORMED: not an array. An absent one ({NULL,0}) is an empty one. */
int csv_cells(struct arena *a, struct text *t, struct span array, bool is_first) MUST_CHECK;
void csv_end(struct arena *a, struct text *t);

#endif
