#include "running.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "errors.h"
#include "postgres.h"

static void address_path(const char *data, char out[FILE_PATH_MAX])
{
    home_file(out, data, "run/address");
}

int running_address_write(const char *data, const char *address)
{
    char path[FILE_PATH_MAX];
    FILE *f;
    bool is_bad;

    address_path(data, path);
    f = fopen(path, "we");
    if (!f)
        return ERR_DENIED;
    is_bad = fputs(address, f) < 0;
    return fclose(f) || is_bad ? ERR_FULL : 0;
}

void running_address_remove(const char *data)
{
    char path[FILE_PATH_MAX];

    address_path(data, path);
    (void)unlink(path);
}

static bool running_find(struct running *h, const struct conf *conf)
{
    char path[FILE_PATH_MAX];
    char why[WHY_SIZE];
    FILE *f;

    if (home_path(conf_str(conf, "data"), h->data, why)) {
        (void)cli_fail("%s", why);
        return false;
    }
    home_file(h->run, h->data, "run");
    if (conf_is_set(conf, "database-url"))
        (void)snprintf(h->database, sizeof h->database, "%s", conf_str(conf, "database-url"));
    else
        postgres_conninfo(h->data, h->database);
    address_path(h->data, path);
    f = fopen(path, "re");
    if (!f && errno == EACCES) {
        (void)cli_fail("%s belongs to another user; ask as that user, or as root.", h->data);
        return false;
    }
    if (!f || !fgets(h->address, sizeof h->address, f)) {
        (void)cli_fail("no lookit runs on %s; start it, or say with --data where it is.", h->data);
        if (f)
            (void)fclose(f);
        return false;
    }
    (void)fclose(f);
    if (conf_str(conf, "origin")[0])
        (void)snprintf(h->address, sizeof h->address, "%s", conf_str(conf, "origin"));
    return true;
}

int running_command(int argc, char **argv, const struct conf_item *items,
                    int (*fn)(const struct running *house, const struct conf *conf, void *ctx), void *ctx)
{
    struct running house;
    struct conf *conf = NULL;
    int status = EXIT_USAGE;

    if (settings_load(&conf, items, argc, argv))
        status = running_find(&house, conf) ? fn(&house, conf, ctx) : EXIT_FAILED;
    conf_free(&conf);
    return status;
}
