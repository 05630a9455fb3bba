/* conf: see the header. Values are checked once, when they are read; asking for one cannot fail. */
#include "conf.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf_text.h"
#include "errors.h"
#include "log.h"

#define WHY_BYTES 300
#define ENV_PREFIX "LOOKIT_"

struct setting {
    const struct conf_item *item;
    char *text; /* given; NULL: the default holds */
    int64_t number;
};

struct conf {
    size_t n;
    struct setting setting[]; /* by key */
};

static int setting_order(const void *a, const void *b)
{
    return strcmp(((const struct setting *)a)->item->key, ((const struct setting *)b)->item->key);
}

static struct setting *setting_find(const struct conf *c, const char *key)
{
    const struct conf_item item = {.key = key};
    const struct setting wanted = {.item = &item};

    return bsearch(&wanted, c->setting, c->n, sizeof wanted, setting_order);
}

/* All settings at their defaults. */
static struct conf *conf_new(const struct conf_item *const *tables)
{
    char why[CONF_WHY_BYTES];
    struct conf *c;
    size_t n = 0;

    for (const struct conf_item *const *table = tables; *table; table++)
        for (const struct conf_item *item = *table; item->key; item++)
            n++;
    c = calloc(1, sizeof *c + n * sizeof *c->setting);
    MUST(c && "memory");
    for (const struct conf_item *const *table = tables; *table; table++)
        for (const struct conf_item *item = *table; item->key; item++)
            c->setting[c->n++] = (struct setting){.item = item};
    qsort(c->setting, c->n, sizeof *c->setting, setting_order);
    for (size_t i = 0; i < c->n; i++) {
        const struct conf_item *item = c->setting[i].item;
        MUST(i == 0 || setting_order(&c->setting[i - 1], &c->setting[i]) != 0);
        if (item->type != CONF_STR && item->type != CONF_SECRET)
            MUST(conf_value_read(item, item->standard ? item->standard : "", &c->setting[i].number, why) ==
                 0);
    }
    return c;
}

void conf_free(struct conf **c)
{
    if (!*c)
        return;
    for (size_t i = 0; i < (*c)->n; i++)
        free((*c)->setting[i].text);
    free(*c);
    *c = NULL;
}

/* name: as the user wrote it, for the sentence. */
static int setting_set(struct setting *s, const char *name, const char *value, char why[WHY_BYTES])
{
    char reason[CONF_WHY_BYTES];
    size_t n = strlen(value);

    if (conf_value_read(s->item, value, &s->number, reason)) {
        if (s->item->type == CONF_SECRET)
            (void)snprintf(why, WHY_BYTES, "%.80s %s.", name, reason);
        else
            (void)snprintf(why, WHY_BYTES, "%.80s %s, not \"%.60s\".", name, reason, value);
        return ERR_INVALID;
    }
    free(s->text);
    s->text = malloc(n + 1);
    MUST(s->text && "memory");
    memcpy(s->text, value, n + 1);
    return 0;
}

static int unknown_refuse(const struct conf *c, bool is_flag, const char *name, const char *key,
                          char why[WHY_BYTES])
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    char env[CONF_KEY_BYTES + sizeof ENV_PREFIX];

    for (size_t i = 0; i < c->n; i++) {
        size_t distance = conf_distance(key, c->setting[i].item->key);
        if (distance < best) {
            best = distance;
            nearest = c->setting[i].item->key;
        }
    }
    if (!nearest) {
        (void)snprintf(why, WHY_BYTES, "There is no setting %.100s.", name);
    } else if (is_flag) {
        (void)snprintf(why, WHY_BYTES, "There is no setting %.100s; the nearest is --%s.", name, nearest);
    } else {
        conf_env_name(nearest, env);
        (void)snprintf(why, WHY_BYTES, "There is no setting %.100s; the nearest is %s.", name, env);
    }
    return ERR_INVALID;
}

static int environment_read(struct conf *c, char **envp, char why[WHY_BYTES])
{
    for (; envp && *envp; envp++) {
        const char *equals = strchr(*envp, '=');
        char name[128], key[128];
        struct setting *s;
        size_t n;
        int err;
        if (!equals || strncmp(*envp, ENV_PREFIX, sizeof ENV_PREFIX - 1) != 0 || equals[1] == '\0')
            continue;
        n = (size_t)(equals - *envp);
        if (n >= sizeof name)
            n = sizeof name - 1; /* longer than any key: it will not be found */
        memcpy(name, *envp, n);
        name[n] = '\0';
        conf_key_of_env(name + sizeof ENV_PREFIX - 1, key);
        s = setting_find(c, key);
        err = s ? setting_set(s, name, equals + 1, why) : unknown_refuse(c, false, name, key, why);
        if (err)
            return err;
    }
    return 0;
}

static bool is_boolean(const char *text)
{
    const struct conf_item item = {.type = CONF_BOOL};
    char why[CONF_WHY_BYTES];
    int64_t value;

    return conf_value_read(&item, text, &value, why) == 0;
}

/* One flag at argv[*at]; *at moves behind it and its value. */
static int flag_read(struct conf *c, int argc, char **argv, int *at, char why[WHY_BYTES])
{
    const char *word = argv[(*at)++], *equals = strchr(word, '='), *value = equals ? equals + 1 : NULL;
    size_t n = equals ? (size_t)(equals - word) : strlen(word);
    char name[128];
    struct setting *s;

    if (strncmp(word, "--", 2) != 0 || n == 2) {
        (void)snprintf(why, WHY_BYTES, "\"%.60s\" is no setting; a setting begins with -- and its name.",
                       word);
        return ERR_INVALID;
    }
    if (n >= sizeof name)
        n = sizeof name - 1;
    memcpy(name, word, n);
    name[n] = '\0';
    s = setting_find(c, name + 2);
    if (!s && !value && strncmp(name, "--no-", 5) == 0) {
        s = setting_find(c, name + 5);
        if (s && s->item->type == CONF_BOOL)
            return setting_set(s, name, "false", why);
        s = NULL;
    }
    if (!s)
        return unknown_refuse(c, true, name, name + (strncmp(name, "--no-", 5) == 0 ? 5 : 2), why);
    if (!value && s->item->type == CONF_BOOL)
        value = *at < argc && is_boolean(argv[*at]) ? argv[(*at)++] : "true";
    if (!value && (*at == argc || strncmp(argv[*at], "--", 2) == 0)) {
        (void)snprintf(why, WHY_BYTES, "%.80s needs a value.", name);
        return ERR_INVALID;
    }
    return setting_set(s, name, value ? value : argv[(*at)++], why);
}

int conf_load(struct conf **c, const struct conf_item *const *tables, int argc, char **argv, char **envp,
              char why[WHY_BYTES])
{
    int at = 0, err;

    *c = conf_new(tables);
    why[0] = '\0';
    err = environment_read(*c, envp, why);
    while (err == 0 && at < argc)
        err = flag_read(*c, argc, argv, &at, why);
    if (err)
        conf_free(c);
    for (char *p = why; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?'; /* the sentence goes to a terminal */
    return err;
}

static const struct setting *setting_get(const struct conf *c, const char *key)
{
    const struct setting *s = setting_find(c, key);

    if (!s)
        log_error("setting-undeclared", "key=%s", key);
    MUST(s && "declared setting");
    return s;
}

const char *conf_str(const struct conf *c, const char *key)
{
    const struct setting *s = setting_get(c, key);

    MUST(s->item->type == CONF_STR || s->item->type == CONF_SECRET);
    return s->text ? s->text : s->item->standard ? s->item->standard : "";
}

int64_t conf_int(const struct conf *c, const char *key)
{
    const struct setting *s = setting_get(c, key);

    MUST(s->item->type == CONF_INT || s->item->type == CONF_BYTES || s->item->type == CONF_SECONDS);
    return s->number;
}

bool conf_bool(const struct conf *c, const char *key)
{
    const struct setting *s = setting_get(c, key);

    MUST(s->item->type == CONF_BOOL);
    return s->number != 0;
}

bool conf_is_set(const struct conf *c, const char *key)
{
    return setting_get(c, key)->text != NULL;
}

void conf_print(const struct conf_item *const *tables, void (*out)(void *ctx, const char *line), void *ctx)
{
    static const char *const kinds[] = {"TEXT", "NUMBER", "[yes|no]", "SIZE", "TIME", "SECRET"};

    for (const struct conf_item *const *table = tables; *table; table++) {
        for (const struct conf_item *item = *table; item->key; item++) {
            const char *standard = item->standard && item->standard[0] ? item->standard : "none";
            char env[CONF_KEY_BYTES + sizeof ENV_PREFIX], line[512];
            conf_env_name(item->key, env);
            if (item->type == CONF_SECRET)
                standard = "none";
            (void)snprintf(line, sizeof line, "--%s %s  (%s, default %s)", item->key, kinds[item->type], env,
                           standard);
            out(ctx, line);
            (void)snprintf(line, sizeof line, "      %s", item->doc);
            out(ctx, line);
        }
    }
}
