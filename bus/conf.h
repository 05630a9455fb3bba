/* conf: settings. Declared in *.def files with CONF(key, type, default, min, max, doc); given by --key VALUE,
 * by the environment (LOOKIT_KEY, hyphens become underscores), or left at their default. Order of strength:
 * flag, environment, default. An unknown flag or an unknown LOOKIT_* variable is refused with the nearest
 * name. An empty variable counts as not set.
 *
 *   CONF("upload-max", BYTES, "4G", 1, 1099511627776, "most bytes of one upload")            in NAME/conf.def
 *
 *   static const struct conf_item video_conf[] = {
 *   #define CONF CONF_ITEM
 *   #include "conf.def"
 *   #undef CONF
 *       {0}}; */
#ifndef LOOKIT_CONF_H
#define LOOKIT_CONF_H

#include "types.h"

enum conf_type {
    CONF_STR,
    CONF_INT,
    CONF_BOOL,
    CONF_BYTES /* 10M, 4G */,
    CONF_SECONDS /* 30, 5m, 2h, 7d */,
    CONF_SECRET
};

struct conf_item {
    const char *key; /* lower case, hyphens: "database-url" */
    enum conf_type type;
    const char *standard; /* default as text */
    int64_t min, max; /* numbers: range; text: fewest and most bytes of what is given (max 0: 4096); booleans:
                         unused */
    const char *doc;
};

#define CONF_ITEM(key, type, standard, min, max, doc) {key, CONF_##type, standard, min, max, doc},

struct conf;

/* Reads flags and environment against the tables (NULL-terminated list of tables, each ended by key NULL;
 * borrowed for the life of the conf). argv[0..argc): the flags only, without program and command; envp ends
 * with NULL or is NULL; both are borrowed for the call. A flag given twice: the last counts. On failure:
 * ERR_INVALID and one plain sentence in why (secret values are never repeated there).
 * --key value, --key=value; for booleans --key alone is true and --no-key false (true/false, yes/no, on/off,
 * 1/0). A key declared twice, or a default that breaks its own rule, is a bug (MUST). */
int conf_load(struct conf **c, const struct conf_item *const *tables, int argc, char **argv, char **envp,
              char why[300]) MUST_CHECK;
void conf_free(struct conf **c);

/* Unknown keys are bugs (MUST). Text lives as long as the conf. After conf_load a conf is read-only: any
 * thread. */
const char *conf_str(const struct conf *c, const char *key);
int64_t conf_int(const struct conf *c, const char *key); /* INT, BYTES (bytes), SECONDS (seconds) */
bool conf_bool(const struct conf *c, const char *key);
bool conf_is_set(const struct conf *c, const char *key); /* by flag or environment */

/* Prints key, environment name, default and doc of every item, two lines each, in the order of the tables:
 * --help and docs. */
void conf_print(const struct conf_item *const *tables, void (*out)(void *ctx, const char *line), void *ctx);

#endif
