#include <stdio.h>

#include "cli.h"
#include "gateway.h"
#include "roster.h"

extern char **environ;

#define CONF CONF_ITEM
static const struct conf_item house_conf[] = {
#include "conf.def"
    {0}};

#define ROSTER(name, replicas, roles) {#name "-replicas", CONF_INT, #replicas, 1, 64, "threads of " #name},
static const struct conf_item replica_conf_items[] = {
#include "roster.def"
    {0}};
#undef ROSTER

const struct conf_item *const *settings_tables(const struct conf_item *command)
{
    static const struct conf_item *tables[ROSTER_SIZE + 5];
    size_t n = 0;

    tables[n++] = house_conf;
    tables[n++] = gateway_conf;
    tables[n++] = replica_conf_items;
    for (const struct roster_entry *e = roster; e->def; e++)
        if (e->def->conf)
            tables[n++] = e->def->conf;
    if (command)
        tables[n++] = command;
    tables[n] = NULL;
    return tables;
}

bool settings_load(struct conf **c, const struct conf_item *command, int argc, char **argv)
{
    char why[300];

    if (conf_load(c, settings_tables(command), argc, argv, environ, why) == 0)
        return true;
    (void)cli_fail("%s", why);
    return false;
}
