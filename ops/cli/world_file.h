/* world_file: a whole instance in one JSON file of the format chs-golden-world/1, as rows for statements.
 *
 * The file is read whole (at most 256 MiB) and taken apart row by row; nothing but the names of its rows is
 * kept as a tree. Rows name one another by key; what comes out holds numbers instead. */
#ifndef LOOKIT_WORLD_FILE_H
#define LOOKIT_WORLD_FILE_H

#include "arena.h"

enum world_section {
    WORLD_users,
    WORLD_demographics,
    WORLD_children,
    WORLD_labs,
    WORLD_studies,
    WORLD_responses,
    WORLD_consent_rulings,
    WORLD_feedback,
    WORLD_videos,
    WORLD_object_grants,
    WORLD_SECTIONS
};

struct world;

/* fd is read to its end. label: how messages call the file, borrowed. On failure (ERR_AWAY cannot be read,
 * ERR_TOOBIG, ERR_MALFORMED no JSON, ERR_INVALID not of this format) *w is there all the same and world_why()
 * says what and where; free it in any case. */
int world_read(struct world **w, int fd, const char *label) MUST_CHECK;
void world_free(struct world **w);
const char *world_why(const struct world *w);

const char *world_section_name(enum world_section s);
size_t world_count(const struct world *w, enum world_section s);

/* Text of a setting of the file, {NULL, 0} when it is none; JSON text of next_pk ("null" when there is none).
 */
struct span world_setting(const struct world *w, const char *name);
struct span world_next_pk(const struct world *w);

/* What rows may name besides rows of the file: "permissions", "site groups", "languages", "conditions". Call
 * world_names_end after the last and before world_rows: ERR_INVALID when a key is there twice. */
void world_name_add(struct world *w, struct span section, struct span key, int64_t id);
int world_names_end(struct world *w) MUST_CHECK;

/* Rows [from, from + n) as a JSON array of objects, each with every field of its section, links as numbers;
 * fewer than n when the text grows long: *taken says how many. Lives in a. ERR_INVALID: a row that does not
 * fit; world_why() names it and the field. */
int world_rows(struct world *w, enum world_section s, size_t from, size_t n, struct arena *a,
               struct span *json, size_t *taken) MUST_CHECK;

/* Notes as the why of this world a sentence about one row: "file:3:5: users "ann": …". Gives ERR_INVALID. */
int world_row_refuse(struct world *w, enum world_section s, size_t row, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif
