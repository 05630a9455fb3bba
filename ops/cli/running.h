/* running: how a command finds the house that runs on this machine. */
#ifndef LOOKIT_RUNNING_H
#define LOOKIT_RUNNING_H

#include "conf.h"
#include "home.h"

enum { RUNNING_DATABASE_SIZE = 1100, RUNNING_ADDRESS_SIZE = 300 };

struct running {
    char data[HOME_PATH_MAX + 1];
    char run[FILE_PATH_MAX];              /* folder of its sockets */
    char database[RUNNING_DATABASE_SIZE]; /* for libpq */
    char address[RUNNING_ADDRESS_SIZE];   /* scheme://host[:port] */
};

/* A command to a running house: reads argv as settings (items: the command's own besides those of all, or
 * NULL), finds the house that they speak of and gives fn's status. EXIT_USAGE: argv is not right;
 * EXIT_FAILED: no house runs there, or it is not ours to talk to; both were said on stderr, and fn was not
 * called. */
int running_command(int argc, char **argv, const struct conf_item *items,
                    int (*fn)(const struct running *house, const struct conf *conf, void *ctx), void *ctx);

/* Written down when the house is ready, taken back when it ends. ERR_FULL, ERR_DENIED. */
int running_address_write(const char *data, const char *address) MUST_CHECK;
void running_address_remove(const char *data);

#endif
