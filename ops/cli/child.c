#define _GNU_SOURCE /* close_range(2): also descriptors of libraries that forgot O_CLOEXEC stay ours */
#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "errors.h"
#include "log.h"

/* The tunables are for PostgreSQL: each backend would give the memory of a long document back to the kernel
 * after each statement, and take it again page by page for the next; it keeps up to 4 MiB instead (a GET of
 * 200 KB takes a third of the time). */
static char *const child_env[] = {
    "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC",
    "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1048576:glibc.malloc.trim_threshold=4194304", NULL};

/* After fork in a process with threads: nothing but async-signal-safe calls. */
_Noreturn static void become(const struct child *what, int in, pid_t parent)
{
    sigset_t none;

    (void)sigemptyset(&none);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, what->death_signal);
    if (getppid() != parent || setsid() == -1 || dup2(in, 0) == -1 || dup2(what->output, 1) == -1 ||
        dup2(what->output, 2) == -1 || close_range(3, ~0U, 0) || sigprocmask(SIG_SETMASK, &none, NULL))
        _exit(126);
    (void)execve(what->argv[0], (char *const *)what->argv, child_env);
    _exit(127);
}

int child_start(const struct child *what, pid_t *pid)
{
    pid_t parent = getpid();
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

    MUST(in != -1);
    *pid = fork();
    if (*pid == 0)
        become(what, in, parent);
    (void)close(in);
    return *pid == -1 ? ERR_BUSY : 0;
}

bool child_ended(pid_t pid, uint32_t wait_ms, int *status)
{
    int64_t until = clock_mono_ms() + wait_ms;
    sigset_t child;

    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    for (;;) {
        int64_t left = until - clock_mono_ms();
        struct timespec pause = {left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000000 : 0};

        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        if (left <= 0)
            return false;
        (void)sigtimedwait(&child, NULL, &pause);
    }
}
