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

/* The house that the settings speak of. False: none runs there, or it is not ours to talk to; that was said
 * on stderr. */
bool running_find(struct running *h, const struct conf *conf);

/* Written down when the house is ready, taken back when it ends. ERR_FULL, ERR_DENIED. */
int running_address_write(const char *data, const char *address) MUST_CHECK;
void running_address_remove(const char *data);

#endif
