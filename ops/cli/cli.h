/* cli: the commands of the `lookit` program. Each gets the arguments after its own name and returns the exit
 * status: 0 done, 1 failed (said on stderr), 2 wrong usage (said on stderr). */
#ifndef LOOKIT_CLI_H
#define LOOKIT_CLI_H

#include "conf.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int run_command(int argc, char **argv);
int check_command(int argc, char **argv);
int tap_command(int argc, char **argv);
int show_command(int argc, char **argv);
int admin_command(int argc, char **argv);
int jobs_command(int argc, char **argv);
int jobs_retry_command(int argc, char **argv);
int token_make_command(int argc, char **argv);
int token_revoke_command(int argc, char **argv);
int token_list_command(int argc, char **argv);
int world_load_command(int argc, char **argv);

/* Every setting that a part of the house declares, and those of one command (NULL, or ended by key NULL).
 * NULL-terminated; lives until the next call. */
const struct conf_item *const *settings_tables(const struct conf_item *command);

/* Flags and environment against all of them. False: refused, and said on stderr. */
bool settings_load(struct conf **c, const struct conf_item *command, int argc, char **argv);

/* "lookit: sentence" on stderr; returns EXIT_FAILED. */
int cli_fail(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
