/* lookit jobs: what is still to be done, what failed and why; `lookit jobs retry ID` lets a parked one go on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus.h"
#include "cli.h"
#include "running.h"

enum { ASK_MS = 5000 };

static const struct conf_item jobs_conf[] = {
    CONF_ITEM("json", BOOL, "false", 0, 1, "the document itself instead of a table") /* */
    {0}};

static int64_t number(const struct json *object, const char *key)
{
    int64_t n = 0;

    return json_i64(json_get(object, key), &n) ? 0 : n;
}

static void kinds_print(const struct json *kinds)
{
    (void)printf("%-20s %8s %8s %8s %10s\n", "kind", "due", "in hand", "parked", "late s");
    for (size_t i = 0; i < json_size(kinds); i++) {
        const struct json *k = json_at(kinds, i);
        struct span kind = json_string(json_get(k, "kind"));

        (void)printf("%-20.*s %8" PRId64 " %8" PRId64 " %8" PRId64 " %10" PRId64 "\n", (int)kind.n, kind.p,
                     number(k, "due"), number(k, "leased"), number(k, "parked"), number(k, "late_s"));
    }
}

static void jobs_print(const struct json *jobs)
{
    if (json_size(jobs))
        (void)printf("\n%10s %-16s %-7s %7s %-20s %s\n", "id", "kind", "state", "tries", "due", "why");
    for (size_t i = 0; i < json_size(jobs); i++) {
        const struct json *j = json_at(jobs, i);
        struct span kind = json_string(json_get(j, "kind")), state = json_string(json_get(j, "state"));
        struct span due = json_string(json_get(j, "due_at")), why = json_string(json_get(j, "why"));

        (void)printf("%10" PRId64 " %-16.*s %-7.*s %3" PRId64 "/%-3" PRId64 " %-20.19s %.*s\n",
                     number(j, "id"), (int)kind.n, kind.p, (int)state.n, state.p, number(j, "attempts"),
                     number(j, "attempts_max"), due.n > 18 ? due.p : "", (int)why.n, why.p);
    }
}

static int list_print(struct arena *a, struct span text, bool is_json)
{
    const struct json *doc;

    if (is_json)
        return printf("%.*s\n", (int)text.n, text.p) < 0 ? ERR_FULL : 0;
    TRY(json_parse(a, text, &doc, NULL));
    if (json_size(json_get(doc, "kinds")) == 0)
        return puts("Nothing is left to be done.") < 0 ? ERR_FULL : 0;
    kinds_print(json_get(doc, "kinds"));
    jobs_print(json_get(doc, "jobs"));
    return 0;
}

/* ctx: the number of the one that is to try again, a uint64_t; 0: list. */
static int jobs_ask(const struct running *house, const struct conf *conf, void *ctx)
{
    uint64_t retry = *(const uint64_t *)ctx;
    struct arena *a = arena_new();
    struct answer answer = {0};
    struct port *port = NULL;
    int status = EXIT_DONE;
    int err = port_open(&port, NULL, house->run, "ops");

    if (!err && retry)
        err = port_call(port, a, &MESSAGE_job_retry, &(struct job_retry){retry}, ASK_MS, &answer);
    else if (!err)
        err = port_call(port, a, &MESSAGE_job_list, &(struct job_list){0}, ASK_MS, &answer);
    if (!err && !retry)
        err = list_print(a, ((const struct reply_doc *)answer.body)->doc, conf_bool(conf, "json"));
    if (err == ERR_NOTFOUND && answer.text.n)
        status = cli_fail("%.*s", (int)answer.text.n, answer.text.p);
    else if (err)
        status = cli_fail("the house does not answer: %s", err_doc(err));
    port_close(&port);
    arena_free(&a);
    return status;
}

int jobs_command(int argc, char **argv)
{
    return running_command(argc, argv, jobs_conf, jobs_ask, &(uint64_t){0});
}

int jobs_retry_command(int argc, char **argv)
{
    char *end = NULL;
    long long id = argc > 0 ? strtoll(argv[0], &end, 10) : 0;

    if (id <= 0 || *end) {
        (void)cli_fail("which? `lookit jobs` lists them, `lookit jobs retry 7` lets number 7 try again");
        return EXIT_USAGE;
    }
    return running_command(argc - 1, argv + 1, jobs_conf, jobs_ask, &(uint64_t){(uint64_t)id});
}
