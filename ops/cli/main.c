/* lookit: one program for the whole house. Here: which command, and help. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static int help_command(int argc, char **argv);

static int version_command(int argc, char **argv)
{
    (void)argc, (void)argv;
    (void)puts("lookit " LOOKIT_VERSION);
    return EXIT_DONE;
}

static const struct command {
    const char *words; /* one or two */
    int (*fn)(int argc, char **argv);
    const char *doc;
} commands[] = {
    {"run", run_command, "serve: the whole house, or the parts that --roles names"},
    {"check", check_command, "are the settings sane and the neighbours within reach?"},
    {"bus show", show_command, "queues, replicas, rates and latencies of the running house"},
    {"bus tap", tap_command, "follow its messages as they pass"},
    {"jobs retry", jobs_retry_command, "ID: a parked job tries again"},
    {"jobs", jobs_command, "what is still to be done, and what failed"},
    {"admin invite", admin_command, "EMAIL: a link by which a researcher gets an account"},
    {"token make", token_make_command, "EMAIL: a key for programs that act for this account at the API"},
    {"token revoke", token_revoke_command, "EMAIL: that key is refused from now on"},
    {"token list", token_list_command, "who has one, since when"},
    {"world load", world_load_command, "FILE: fill an empty instance from one file"},
    {"help", help_command, "this; `help settings` lists every setting"},
    {"version", version_command, "which version this is"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

int cli_fail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)fputs("lookit: ", stderr);
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return EXIT_FAILED;
}

static void print_line(void *ctx, const char *line)
{
    (void)ctx;
    (void)puts(line);
}

static int help_command(int argc, char **argv)
{
    if (argc > 0 && !strcmp(argv[0], "settings")) {
        (void)puts(
            "Every setting is a flag of `lookit run` or a variable of the environment; the flag wins.\n");
        conf_print(settings_tables(NULL), print_line, NULL);
        return EXIT_DONE;
    }
    (void)puts("lookit " LOOKIT_VERSION ": studies with children at home, on a machine of your own\n\nusage: "
               "lookit COMMAND [--SETTING VALUE …]\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)printf("  %-13s %s\n", commands[i].words, commands[i].doc);
    return EXIT_DONE;
}

/* How many arguments name this command: 0 = not this one. */
static int names(const struct command *c, int argc, char **argv)
{
    const char *second = strchr(c->words, ' ');
    size_t first = second ? (size_t)(second - c->words) : strlen(c->words);

    if (argc < 1 || strlen(argv[0]) != first || memcmp(argv[0], c->words, first) != 0)
        return 0;
    if (!second)
        return 1;
    return argc > 1 && !strcmp(argv[1], second + 1) ? 2 : 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) /* wherever it stands: nobody who asks for help wants a start */
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return help_command(argc > 1 && !strcmp(argv[1], "run") ? 1 : 0,
                                (char *[]){(char[]){"settings"}});
    if (argc > 1 && !strcmp(argv[1], "--version"))
        return version_command(0, NULL);
    for (size_t i = 0; i < COMMANDS; i++) {
        int used = names(&commands[i], argc - 1, argv + 1);

        if (used)
            return commands[i].fn(argc - 1 - used, argv + 1 + used);
    }
    if (argc > 1)
        (void)cli_fail("there is no command \"%s%s%s\".", argv[1], argc > 2 ? " " : "",
                       argc > 2 ? argv[2] : "");
    (void)fputs("`lookit help` lists what there is.\n", stderr);
    return EXIT_USAGE;
}
