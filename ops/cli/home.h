/* home: the data folder of one house, and the user who owns it. */
#ifndef LOOKIT_HOME_H
#define LOOKIT_HOME_H

#include "types.h"

/* Sockets live below the data folder, and their names may have 107 bytes (unix(7)); so its own path is
 * bounded. */
enum { HOME_PATH_MAX = 80, WHY_SIZE = 300, FILE_PATH_MAX = 200 };

struct home {
    char data[HOME_PATH_MAX + 1]; /* absolute, without symbolic links */
    int lock;                     /* held as long as the process lives */
};

/* Where the data folder of this user is by default: $XDG_DATA_HOME/lookit, ~/.local/share/lookit, or
 * /var/lib/lookit for root. ERR_INVALID and a sentence in why when the path is too long. */
int home_path(const char *chosen, char path[HOME_PATH_MAX + 1], char why[WHY_SIZE]) MUST_CHECK;

/* Makes the folder (0700) with run/ and log/, goes on as its owner when started as root (the user "lookit"
 * for a new one), works from inside it, takes its lock. Before any thread. On failure ERR_* and a plain
 * sentence in why: ERR_CONFLICT another `lookit run` has it; ERR_FULL no room; ERR_DENIED not ours;
 * ERR_INVALID unusable. */
int home_open(struct home *h, const char *chosen, char why[WHY_SIZE]) MUST_CHECK;
void home_close(struct home *h);

/* dir/name; both are bounded by us, so it always fits. */
void home_file(char out[FILE_PATH_MAX], const char *dir, const char *name);

#endif
