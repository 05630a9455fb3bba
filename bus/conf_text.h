/* conf_text: the texts of settings: what a value may look like, how names are written, which name is near.
 * For conf.c. */
#ifndef LOOKIT_CONF_TEXT_H
#define LOOKIT_CONF_TEXT_H

#include "conf.h"

#define CONF_KEY_BYTES 64 /* the longest key, its 0 included: longer is a bug */
#define CONF_WHY_BYTES 120

/* Checks text against the item and gives the number of a number, size (bytes), time (seconds) or boolean (0,
 * 1). ERR_INVALID: why continues a sentence that begins with the setting's name ("must be …"). */
int conf_value_read(const struct conf_item *item, const char *text, int64_t *number,
                    char why[CONF_WHY_BYTES]) MUST_CHECK;

/* "upload-max" -> "LOOKIT_UPLOAD_MAX". */
void conf_env_name(const char *key, char out[CONF_KEY_BYTES + 8]);
/* "UPLOAD_MAX" -> "upload-max". */
void conf_key_of_env(const char *name, char out[128]);

/* Damerau-Levenshtein distance (optimal string alignment) of the first 63 bytes each: insertions, deletions,
 * changes and swaps of neighbours. */
size_t conf_distance(const char *a, const char *b);

#endif
