/* child: one program run beside us, that dies with us. For the thread that lives as long as the process
 * (main): the kernel counts the end of the starting thread as the end of the parent (prctl(2),
 * PR_SET_PDEATHSIG). */
#ifndef LOOKIT_CHILD_H
#define LOOKIT_CHILD_H

#include <sys/types.h>

#include "types.h"

struct child {
    const char *const *argv; /* argv[0] is the path of the program; ended by NULL */
    int output;              /* descriptor for its stdout and stderr */
    int death_signal;        /* what it gets when we die, however we die */
};

/* Starts it in a session of its own (a Ctrl-C at the terminal is for us alone), with a small fixed
 * environment and no descriptor but 0, 1, 2. A program that cannot be run ends with status 127. ERR_BUSY: no
 * process to be had. */
int child_start(const struct child *what, pid_t *pid) MUST_CHECK;

/* True when it has ended, and how (as of waitpid). Waits at most wait_ms. SIGCHLD must be blocked. */
bool child_ended(pid_t pid, uint32_t wait_ms, int *status);

#endif
