/* lookit token: the keys by which programs act for a person at the API. The desk makes and ends them, so that
 * the running house knows at once. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "cli.h"
#include "running.h"

enum { ASK_MS = 5000 };

static const struct conf_item make_conf[] = {
    CONF_ITEM("replace", BOOL, "false", 0, 1, "a new token takes the place of the one that is there") /* */
    {0}};

/* Asks the desk and shows what it says. */
static int token_ask(const struct running *house, const struct message *m, const void *body,
                     int (*show)(struct arena *a, const struct answer *answer))
{
    struct arena *a = arena_new();
    struct answer answer = {0};
    struct port *port = NULL;
    int status = EXIT_DONE;
    int err = port_open(&port, NULL, house->run, "ops");

    if (!err)
        err = port_call(port, a, m, body, ASK_MS, &answer);
    if (!err)
        err = show(a, &answer);
    else if ((err == ERR_NOTFOUND || err == ERR_CONFLICT) && answer.text.n)
        status = cli_fail("%.*s", (int)answer.text.n, answer.text.p);
    if (err && status == EXIT_DONE)
        status = cli_fail("the house does not answer: %s", err_doc(err));
    port_close(&port);
    arena_free(&a);
    return status;
}

static int token_show(struct arena *a, const struct answer *answer)
{
    const struct json *doc;
    struct span token;

    TRY(json_parse(a, ((const struct reply_doc *)answer->body)->doc, &doc, NULL));
    token = json_string(json_get(doc, "token"));
    (void)fprintf(stderr, "Hand it over on a safe way; it cannot be shown again.\n");
    return printf("%.*s\n", (int)token.n, token.p) < 0 || fflush(stdout) ? ERR_FULL : 0;
}

static int revoked_show(struct arena *a, const struct answer *answer)
{
    (void)a, (void)answer;
    return puts("The token is revoked; programs that use it are refused from now on.") < 0 ? ERR_FULL : 0;
}

static int list_show(struct arena *a, const struct answer *answer)
{
    const struct json *doc, *tokens;
    int64_t more = 0;

    TRY(json_parse(a, ((const struct reply_doc *)answer->body)->doc, &doc, NULL));
    tokens = json_get(doc, "tokens");
    if (!json_size(tokens))
        return puts("There is no token.") < 0 ? ERR_FULL : 0;
    for (size_t i = 0; i < json_size(tokens); i++) {
        const struct json *t = json_at(tokens, i);
        struct span username = json_string(json_get(t, "username"));
        struct span created = json_string(json_get(t, "created"));

        (void)printf("%.10s  %.*s%s\n", created.n > 9 ? created.p : "", (int)username.n, username.p,
                     json_bool(json_get(t, "is_active")) ? "" : "  (account not active)");
    }
    TRY(json_i64(json_get(doc, "more"), &more));
    if (more)
        (void)printf("… and %" PRId64 " more\n", more);
    return 0;
}

/* email: the first argument, where one is needed. */
static bool email_read(int argc, char **argv, const char *example, struct span *email)
{
    if (argc > 0 && strchr(argv[0], '@') && argv[0][0] != '-' && strlen(argv[0]) <= 254) {
        *email = span_of(argv[0]);
        return true;
    }
    (void)cli_fail("whose? `lookit token %s someone@example.org`", example);
    return false;
}

/* ctx: whose, a struct span. */
static int make(const struct running *house, const struct conf *conf, void *ctx)
{
    struct account_token_give m = {.username = *(const struct span *)ctx,
                                   .replace = conf_bool(conf, "replace")};

    return token_ask(house, &MESSAGE_account_token_give, &m, token_show);
}

static int revoke(const struct running *house, const struct conf *conf, void *ctx)
{
    struct account_token_take m = {.username = *(const struct span *)ctx};

    (void)conf;
    return token_ask(house, &MESSAGE_account_token_take, &m, revoked_show);
}

static int list(const struct running *house, const struct conf *conf, void *ctx)
{
    (void)conf, (void)ctx;
    return token_ask(house, &MESSAGE_account_token_list, &(struct account_token_list){0}, list_show);
}

int token_make_command(int argc, char **argv)
{
    struct span email;

    return email_read(argc, argv, "make", &email)
               ? running_command(argc - 1, argv + 1, make_conf, make, &email)
               : EXIT_USAGE;
}

int token_revoke_command(int argc, char **argv)
{
    struct span email;

    return email_read(argc, argv, "revoke", &email)
               ? running_command(argc - 1, argv + 1, NULL, revoke, &email)
               : EXIT_USAGE;
}

int token_list_command(int argc, char **argv)
{
    return running_command(argc, argv, NULL, list, NULL);
}
