/* world_row: one row of a world file, held against world_fields.def and written with numbers for links. */
#ifndef LOOKIT_WORLD_ROW_H
#define LOOKIT_WORLD_ROW_H

#include "json.h"

#define WORLD_FORMAT "chs-golden-world/1"
enum { WORLD_ROW_WHY = 400 };

/* What rows call one another by. */
struct world_name {
    const char *section;
    struct span key;
    int64_t id;
    size_t row;
};
struct world_names {
    struct world_name *items;
    size_t n, cap;
};

/* section and key are borrowed as long as the names live. */
void world_names_add(struct world_names *names, const char *section, struct span key, int64_t id, size_t row);
/* Before any row is written. Gives the later one of two with the same section and key, or NULL. */
const struct world_name *world_names_sort(struct world_names *names);
void world_names_free(struct world_names *names);

/* text: one JSON object, valid. ERR_INVALID and a sentence in why when it does not fit its section. */
int world_row_write(const struct world_names *names, const char *section, struct span text,
                    struct arena *scrap, struct json_out *o, char why[WORLD_ROW_WHY]) MUST_CHECK;

#endif
