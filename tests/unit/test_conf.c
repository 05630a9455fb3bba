#include "conf.h"

#include <stdio.h>

#include "errors.h"
#include "test.h"

static const struct conf_item house[] = {
    {"data", CONF_STR, "data", 1, 100, "where everything lies"},
    {"database-url", CONF_STR, NULL, 0, 0, "where PostgreSQL is"},
    {"behind-proxy", CONF_BOOL, "false", 0, 0, "believe X-Forwarded-For"},
    {"open-sign-up", CONF_BOOL, "yes", 0, 0, "anybody may sign up"},
    {NULL, 0, NULL, 0, 0, NULL}};
static const struct conf_item video[] = {
    {"upload-max", CONF_BYTES, "4G", 1, (int64_t)1 << 40, "most bytes of one upload"},
    {"upload-wait", CONF_SECONDS, "2h", 1, 86400 * 7, "how long an upload may pause"},
    {"mail-port", CONF_INT, "25", -1, 65535, "port"},
    {"secret-key", CONF_SECRET, "", 8, 20, "signs cookies"},
    {NULL, 0, NULL, 0, 0, NULL}};
static const struct conf_item *const tables[] = {house, video, NULL};

static char why[300];
static struct conf *conf;

static int load(char **argv, char **envp)
{
    int argc = 0;

    conf_free(&conf);
    while (argv[argc])
        argc++;
    return conf_load(&conf, tables, argc, argv, envp, why);
}
#define FLAGS(...) ((char *[]){__VA_ARGS__, NULL})
#define NOTHING ((char *[]){NULL})

static int tear_down(void **state)
{
    (void)state;
    conf_free(&conf);
    return 0;
}

static void without_anything_the_defaults_hold(void **state)
{
    (void)state;
    assert_int_equal(load(NOTHING, NULL), 0);
    assert_string_equal(conf_str(conf, "data"), "data");
    assert_string_equal(conf_str(conf, "database-url"), "");
    assert_string_equal(conf_str(conf, "secret-key"), "");
    assert_int_equal(conf_int(conf, "upload-max"), (int64_t)4 << 30);
    assert_int_equal(conf_int(conf, "upload-wait"), 7200);
    assert_false(conf_bool(conf, "behind-proxy"));
    assert_true(conf_bool(conf, "open-sign-up"));
    assert_false(conf_is_set(conf, "data"));
}

static void every_way_to_write_a_flag_works(void **state)
{
    (void)state;
    assert_int_equal(load(FLAGS("--data", "/srv", "--upload-max=10M", "--behind-proxy", "--no-open-sign-up",
                                "--mail-port", "-1", "--upload-wait", "5m"),
                          NULL),
                     0);
    assert_string_equal(conf_str(conf, "data"), "/srv");
    assert_int_equal(conf_int(conf, "upload-max"), 10 << 20);
    assert_true(conf_bool(conf, "behind-proxy"));
    assert_false(conf_bool(conf, "open-sign-up"));
    assert_int_equal(conf_int(conf, "mail-port"), -1);
    assert_int_equal(conf_int(conf, "upload-wait"), 300);
    assert_true(conf_is_set(conf, "data"));

    assert_int_equal(
        load(FLAGS("--behind-proxy", "on", "--open-sign-up=off", "--data=a=b", "--data", "last"), NULL), 0);
    assert_true(conf_bool(conf, "behind-proxy"));
    assert_false(conf_bool(conf, "open-sign-up"));
    assert_string_equal(conf_str(conf, "data"), "last");
    assert_int_equal(load(FLAGS("--database-url="), NULL), 0);
    assert_true(conf_is_set(conf, "database-url"));
}

static void a_flag_is_stronger_than_the_environment(void **state)
{
    char *envp[] = {"PATH=/bin",
                    "LOOKIT_DATA=/env",
                    "LOOKIT_UPLOAD_MAX=1K",
                    "LOOKIT_BEHIND_PROXY=yes",
                    "LOOKIT_MAIL_PORT=",
                    "LOOKITX=1",
                    NULL};
    (void)state;

    assert_int_equal(load(FLAGS("--data", "/flag"), envp), 0);
    assert_string_equal(conf_str(conf, "data"), "/flag");
    assert_int_equal(conf_int(conf, "upload-max"), 1024);
    assert_true(conf_bool(conf, "behind-proxy"));
    assert_int_equal(conf_int(conf, "mail-port"), 25); /* empty is not set */
    assert_false(conf_is_set(conf, "mail-port"));
}

static void unknown_names_are_refused_with_the_nearest(void **state)
{
    char *envp[] = {"LOOKIT_UPLAOD_MAX=1", NULL};
    (void)state;

    assert_int_equal(load(FLAGS("--databse-url", "x"), NULL), ERR_INVALID);
    assert_string_equal(why, "There is no setting --databse-url; the nearest is --database-url.");
    assert_null(conf);
    assert_int_equal(load(FLAGS("--no-behind-porxy"), NULL), ERR_INVALID);
    assert_string_equal(why, "There is no setting --no-behind-porxy; the nearest is --behind-proxy.");
    assert_int_equal(load(FLAGS("--uplaod-wait=5"), NULL), ERR_INVALID);
    assert_string_equal(why, "There is no setting --uplaod-wait; the nearest is --upload-wait.");
    assert_int_equal(load(NOTHING, envp), ERR_INVALID);
    assert_string_equal(why, "There is no setting LOOKIT_UPLAOD_MAX; the nearest is LOOKIT_UPLOAD_MAX.");
    assert_int_equal(load(FLAGS("--no-data"), NULL), ERR_INVALID); /* not a boolean */
}

static void bad_values_are_refused_in_plain_words(void **state)
{
    static const struct {
        char *flag, *value;
        const char *why;
    } bad[] = {
        {"--mail-port", "65536", "--mail-port must be between -1 and 65535, not \"65536\"."},
        {"--mail-port", "25x", "--mail-port must be a whole number, not \"25x\"."},
        {"--mail-port", "", "--mail-port must be a whole number, not \"\"."},
        {"--mail-port", "99999999999999999999",
         "--mail-port must be a whole number, not \"99999999999999999999\"."},
        {"--upload-max", "10MB", "--upload-max must be a size such as 4096, 10M or 4G, not \"10MB\"."},
        {"--upload-max", "0", "--upload-max must be between 1 and 1099511627776 bytes, not \"0\"."},
        {"--upload-max", "9223372036854775807K",
         "--upload-max must be a size such as 4096, 10M or 4G, not \"9223372036854775807K\"."},
        {"--upload-wait", "1w", "--upload-wait must be a time such as 30s, 5m, 2h or 7d, not \"1w\"."},
        {"--upload-wait", "8d", "--upload-wait must be between 1 and 604800 seconds, not \"8d\"."},
        {"--behind-proxy=maybe", NULL, "--behind-proxy must be yes or no, not \"maybe\"."},
        {"--behind-proxy=", NULL, "--behind-proxy must be yes or no, not \"\"."},
        {"--data", "", "--data must not be empty, not \"\"."},
        {"--secret-key", "short", "--secret-key must have at least 8 characters."},
        {"--secret-key", "much-longer-than-it-may-be", "--secret-key must have at most 20 characters."},
        {"--data", NULL, "--data needs a value."},
        {"--data", "--behind-proxy", "--data needs a value."},
        {"data", NULL, "\"data\" is no setting; a setting begins with -- and its name."},
        {"--", NULL, "\"--\" is no setting; a setting begins with -- and its name."},
        {"-d", NULL, "\"-d\" is no setting; a setting begins with -- and its name."},
    };
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(load((char *[]){bad[i].flag, bad[i].value, NULL}, NULL), ERR_INVALID);
        assert_string_equal(why, bad[i].why);
    }
}

static void hostile_names_and_values_are_cut_and_cleaned(void **state)
{
    static char big[10000];
    (void)state;

    memset(big, 'a', sizeof big - 1);
    memcpy(big, "--", 2);
    assert_int_equal(load(FLAGS(big), NULL), ERR_INVALID);
    assert_true(strlen(why) < 300);
    assert_int_equal(load(FLAGS("--mail-port", big), NULL), ERR_INVALID);
    memcpy(big, "LOOKIT_", 7);
    assert_int_equal(load(NOTHING, FLAGS(big)), 0); /* no equals sign: not a variable */
    big[5000] = '=';
    assert_int_equal(load(NOTHING, FLAGS(big)), ERR_INVALID);
    assert_int_equal(load(FLAGS("--mail-port", "1\x1b[2J\n"), NULL), ERR_INVALID);
    assert_string_equal(why, "--mail-port must be a whole number, not \"1?[2J?\".");
}

static char printed[4000];
static void collect(void *ctx, const char *line)
{
    size_t n = strlen(printed);

    (void)ctx;
    snprintf(printed + n, sizeof printed - n, "%s\n", line);
}

static void help_names_every_setting_but_no_secret(void **state)
{
    static const struct conf_item secret[] = {{"key", CONF_SECRET, "hush-hush", 0, 20, "a key"},
                                              {NULL, 0, NULL, 0, 0, NULL}};
    static const struct conf_item *const with_secret[] = {house, video, secret, NULL};
    (void)state;

    conf_print(with_secret, collect, NULL);
    assert_non_null(strstr(
        printed, "--upload-max SIZE  (LOOKIT_UPLOAD_MAX, default 4G)\n      most bytes of one upload\n"));
    assert_non_null(strstr(printed, "--database-url TEXT  (LOOKIT_DATABASE_URL, default none)\n"));
    assert_non_null(strstr(printed, "--key SECRET  (LOOKIT_KEY, default none)\n"));
    assert_null(strstr(printed, "hush"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_anything_the_defaults_hold),
        cmocka_unit_test(every_way_to_write_a_flag_works),
        cmocka_unit_test(a_flag_is_stronger_than_the_environment),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest),
        cmocka_unit_test(bad_values_are_refused_in_plain_words),
        cmocka_unit_test(hostile_names_and_values_are_cut_and_cleaned),
        cmocka_unit_test(help_names_every_setting_but_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
