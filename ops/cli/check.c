/* lookit check: would a start go well? Reads, and changes nothing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bus.h"
#include "cli.h"
#include "home.h"
#include "postgres.h"
#include "roster.h"

static void check_line(void *ctx, const char *line)
{
    (void)ctx;
    (void)puts(line);
}

/* How many things are wrong; each was said. */
static int check_data(const char *path)
{
    if (access(path, F_OK))
        return printf("ok    data: %s will be made\n", path), 0;
    if (access(path, R_OK | W_OK | X_OK))
        return printf("BAD   data: %s is not ours to use\n", path), 1;
    return printf("ok    data: %s\n", path), 0;
}

static int check_database(const struct conf *conf, const char *data)
{
    const char *url = conf_str(conf, "database-url");
    char why[WHY_SIZE];
    struct db *db;

    if (!url[0]) {
        if (postgres_check(data, conf_str(conf, "postgres-bin"), why))
            return printf("BAD   database: %s\n", why), 1;
        return puts("ok    database: a private PostgreSQL in the data folder"), 0;
    }
    if (db_open(&db, url, "check", NULL, 5000))
        return puts("BAD   database: the one of --database-url cannot be reached"), 1;
    db_close(&db);
    return puts("ok    database: reached"), 0;
}

int check_command(int argc, char **argv)
{
    char data[HOME_PATH_MAX + 1];
    struct conf *conf = NULL;
    char why[WHY_SIZE];
    int bad = 0;

    if (!settings_load(&conf, NULL, argc, argv))
        return EXIT_USAGE;
    (void)puts("ok    settings: each is known and within its bounds");
    if (home_path(conf_str(conf, "data"), data, why))
        bad += printf("BAD   data: %s\n", why) > 0;
    else
        bad += check_data(data) + check_database(conf, data);
    for (const struct roster_entry *e = roster; e->def; e++)
        if (e->def->check && e->def->check(conf, check_line, NULL))
            bad += printf("BAD   %s\n", e->def->name) > 0;
    conf_free(&conf);
    return bad ? EXIT_FAILED : EXIT_DONE;
}
