/* lookit admin: what an operator does for people. */
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "cli.h"
#include "running.h"
#include "site.h"

static bool looks_like_mail(const char *text)
{
    const char *at = strchr(text, '@');

    return at && at != text && at[1] && !strpbrk(text, " \t\r\n<>\"") && strlen(text) <= 254;
}

static int invite(const struct running *house, const struct conf *conf, void *ctx)
{
    const char *email = ctx;
    char token[SITE_LINK_SIZE];
    char until[32];
    int64_t until_us;
    struct db *db;
    int err = site_open(&db, house->database);

    (void)conf;
    if (err)
        return cli_fail("the database of %s cannot be reached.", house->data);
    err = site_invite(db, email, token, &until_us);
    if (err) {
        (void)cli_fail("no invitation was made: %s", db_why(db));
        db_close(&db);
        return EXIT_FAILED;
    }
    db_close(&db);
    (void)clock_rfc3339(until_us, until);
    (void)printf("Send this link to %s; it makes one researcher's account, once, until "
                 "%.10s:\n%s/registration/?key=%s\n",
                 email, until, house->address, token);
    return EXIT_DONE;
}

int admin_command(int argc, char **argv)
{
    if (argc < 1 || !looks_like_mail(argv[0])) {
        (void)cli_fail("whom? `lookit admin invite someone@example.org`");
        return EXIT_USAGE;
    }
    return running_command(argc - 1, argv + 1, NULL, invite, argv[0]);
}
