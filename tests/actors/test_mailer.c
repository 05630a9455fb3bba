/* NEEDS: database */
/* mailer: who gets which mail, as a file or by SMTP, once. */
#include "mailer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk.h"
#include "fetch.h"
#include "maildir.h"
#include "served.h"
#include "words.h"

#define NEW_MAX 20

static struct rig rig = {.name = "scheduler"};
static int64_t ada, bea, kim, study;

static void house_start(struct conf *conf)
{
    rig = (struct rig){.name = "scheduler", .options.conf = conf};
    rig_start(&rig, (struct roster_entry[]){{&mailer_actor, 1, ""}, {0}});
}

/* ---- files */

static const char *mail_path(const char *folder, const char *name)
{
    static char path[300];

    (void)snprintf(path, sizeof path, "%s/mail/%s/%s", rig.dir, folder, name);
    return path;
}

/* How many files; name: of the last one. */
static int files_in(const char *folder, char name[100])
{
    DIR *dir = opendir(mail_path(folder, ""));
    struct dirent *e;
    int n = 0;

    assert_non_null(dir);
    while ((e = readdir(dir)) != NULL)
        if (e->d_name[0] != '.') {
            n++;
            (void)snprintf(name, 100, "%.99s", e->d_name);
        }
    (void)closedir(dir);
    return n;
}

/* The only mail there is; it is taken away. */
static const char *the_mail(void)
{
    static char text[10000];
    char name[100];
    FILE *f;
    size_t n;

    assert_int_equal(files_in("new", name), 1);
    assert_non_null(f = fopen(mail_path("new", name), "r"));
    n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    (void)fclose(f);
    (void)unlink(mail_path("new", name));
    return text;
}

static int no_mail(void)
{
    char name[100];

    return files_in("new", name);
}

/* ---- jobs */

static int send_payload(const char *op_id, const char *payload)
{
    return rig_call(&rig, &MESSAGE_mail_send,
                    &(struct mail_send){.job = 7,
                                        .op_id = span_of(op_id),
                                        .payload = span_of(payload),
                                        .attempt = 1,
                                        .added_at = 1795539900000000});
}

static int64_t log_add(const char *comments)
{
    return desk_sql("insert into study_log (study, account, action, extra) values (%lld, %lld, 'x', "
                    "jsonb_build_object('comments', '%s')) returning id",
                    (long long)study, (long long)kim, comments);
}

static int send_mail(const char *mail, int64_t log, int64_t to)
{
    char payload[300];

    (void)snprintf(payload, sizeof payload,
                   "{\"mail\":\"%s\",\"log\":%lld,\"account\":%lld,\"origin\":\"https://lookit.example\"}",
                   mail, (long long)log, (long long)to);
    return send_payload("mail:study:12:7", payload);
}

/* ---- claims: who gets a mail */

static void every_step_has_its_mail_and_its_readers(void **state)
{
    (void)state;
    assert_string_equal(
        desk_text(
            "select string_agg(trigger || '>' || mail, ' ' order by trigger, from_state) from study_step "
            "where mail is not null"),
        "activate>study_activated activate>study_activated approve>study_approved "
        "deactivate>study_deactivated deactivate>study_deactivated pause>study_paused reject>study_changes "
        "reject>study_rescinded reject>study_changes reject>study_changes reject>study_changes "
        "resubmit>study_submitted resubmit>study_submitted retract>study_retracted submit>study_submitted");
    (void)desk_sql("with m as (select study_mail_add(%lld, 'study_submitted', 12, 'https://lookit.example')) "
                   "select count(*) from m",
                   (long long)study);
    assert_string_equal(
        desk_text("select string_agg(op_id || ' ' || (payload ->> 'account'), ', ' order by id) from job"),
        desk_text("select 'mail:study:12:%lld %lld, mail:study:12:%lld %lld'", (long long)ada, (long long)ada,
                  (long long)bea, (long long)bea));
    assert_int_equal(desk_sql("select count(*) from job where payload::text like '%%@%%'"), 0);
    assert_int_equal(desk_sql("select s from study_mail_readers(%lld, 'study_approved') s", (long long)study),
                     kim);
    (void)desk_sql("delete from job returning 1");
}

static void a_mail_in_the_maildir_is_exactly_this(void **state)
{
    char name[100];

    (void)state;
    assert_int_equal(send_mail("study_submitted", log_add("Please look.\nÜber babies."), ada), 0);
    (void)files_in("new", name);
    assert_string_equal(name, "1795539900.18e910bc9444d17f414aa6b31a923951.lookit");
    assert_string_equal(the_mail(),
                        "Delivered-To: ada@lookit.example\r\n"
                        "Date: Tue, 24 Nov 2026 17:05:00 +0000\r\n"
                        "From: Lookit <lookit@localhost>\r\n"
                        "To: Lookit <lookit@localhost>\r\n"
                        "Reply-To: <kim@uni.example>\r\n"
                        "Subject: Study Submission Notification\r\n"
                        "Message-ID: <18e910bc9444d17f414aa6b31a923951@localhost>\r\n"
                        "Auto-Submitted: auto-generated\r\n"
                        "MIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n"
                        "\r\n"
                        "Hello,\r\n"
                        "\r\n"
                        "Kim Sample of Demo lab would like to show a study to families: =E2=80=9CBal=\r\n"
                        "l or box=E2=80=9D. It waits for somebody to look at it.\r\n"
                        "\r\n"
                        "What they say about it:\r\n"
                        "Please look.\r\n"
                        "=C3=9Cber babies.\r\n"
                        "\r\n"
                        "Here you can read it, and approve it or ask for changes:\r\n"
                        "https://lookit.example/exp/studies/1/\r\n"
                        "\r\n"
                        "An answer to this mail goes to Kim Sample.\r\n"
                        "\r\n"
                        "Thank you for taking the time.\r\n"
                        "Lookit\r\n");
}

static void the_same_job_twice_is_one_mail(void **state)
{
    int64_t log = log_add("");
    char name[100];

    (void)state;
    assert_int_equal(send_mail("study_paused", log, ada), 0);
    assert_int_equal(send_mail("study_paused", log, ada), 0);
    assert_int_equal(files_in("tmp", name), 0);
    assert_non_null(strstr(the_mail(), "Subject: Study Pause Notification\r\n"));
}

static void every_text_has_all_its_values(void **state)
{
    static const char *const mails[] = {"study_submitted",   "study_retracted", "study_activated",
                                        "study_paused",      "study_approved",  "study_changes",
                                        "study_deactivated", "study_rescinded"};
    int64_t log = log_add("A word of theirs.");
    const char *text;

    (void)state;
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
        bool is_review = strstr("study_approved study_changes study_rescinded", mails[i]) != NULL;
        int wants_comments = is_review || i == 0;
        int wants_link = strcmp(mails[i], "study_retracted") != 0 && strcmp(mails[i], "study_rescinded") != 0;

        assert_int_equal(send_mail(mails[i], log, is_review ? kim : ada), 0);
        text = the_mail();
        if ((strstr(text, "A word of theirs.") != NULL) != wants_comments ||
            (strstr(text, "https://lookit.example/exp/studies/") != NULL) != wants_link ||
            !strstr(text, "or box=E2=80=9D") || strstr(text, "{{") || !strstr(text, "\r\nLookit\r\n") ||
            (strstr(text, "Reply-To") != NULL) != (i == 0))
            fail_msg("%s: %s", mails[i], text);
        if (is_review)
            assert_non_null(strstr(text, "\r\n\r\nHello Ann,\r\n"));
    }
}

static void a_paragraph_without_its_value_is_left_out(void **state)
{
    (void)state;
    assert_int_equal(send_mail("study_approved", log_add(" \n"), kim), 0);
    assert_null(strstr(the_mail(), "A word from"));
}

static void what_people_typed_becomes_no_header_and_no_template(void **state)
{
    const char *text;

    (void)state;
    (void)desk_sql("update study set name = E'{{link}}\\r\\nBcc: eve@example.org' where id = %lld "
                   "returning 1",
                   (long long)study);
    assert_int_equal(
        send_mail("study_approved", log_add("{{reader}}\r\n.\r\nRCPT TO:<eve@example.org>"), kim), 0);
    (void)desk_sql("update study set name = 'Ball or box' where id = %lld returning 1", (long long)study);
    text = the_mail();
    assert_null(strstr(text, "\nBcc:") && strstr(text, "\nBcc:") < strstr(text, "\r\n\r\n") ? text : NULL);
    assert_non_null(strstr(text, "\r\nSubject: {{link}}  Bcc: eve@example.org Approval Notification\r\n"));
    assert_non_null(strstr(text, "{{reader}}\r\n.\r\n"));
}

static void who_is_not_to_be_told_any_more_gets_none_and_that_is_done(void **state)
{
    int64_t log = log_add("");

    (void)state;
    assert_int_equal(send_mail("study_submitted", log, kim), 0); /* no administrator */
    assert_int_equal(send_mail("study_approved", log, ada), 0);  /* not of the lab */
    assert_int_equal(send_mail("study_submitted", log, 999999), 0);
    assert_int_equal(send_mail("study_submitted", 999999, ada), 0);
    (void)desk_sql("update account set is_active = false where id = %lld returning 1", (long long)ada);
    assert_int_equal(send_mail("study_submitted", log, ada), 0);
    (void)desk_sql("update account set is_active = true where id = %lld returning 1", (long long)ada);
    assert_int_equal(no_mail(), 0);
}

static void a_job_that_makes_no_sense_is_refused_for_good(void **state)
{
    (void)state;
    assert_int_equal(send_payload("a", "{}"), ERR_INVALID);
    assert_int_equal(send_payload("a", "[]"), ERR_INVALID);
    assert_int_equal(send_payload("a", "{\"mail\":\"study_paused\",\"log\":\"1\",\"account\":1}"),
                     ERR_INVALID);
    assert_int_equal(send_mail("no_such_text", log_add(""), ada), ERR_NOTFOUND);
    (void)desk_sql("update account set username = 'no address' where id = %lld returning 1", (long long)bea);
    assert_int_equal(send_mail("study_paused", log_add(""), bea), ERR_INVALID);
    assert_null(strstr(rig.answer.text.p, "no address"));
    assert_int_equal(no_mail(), 0);
}

static void a_mail_that_a_crash_left_half_written_goes_after_a_day(void **state)
{
    const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct maildir *m;
    char name[100];
    FILE *f;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_non_null(f = fopen(mail_path("tmp", i ? "young" : "old"), "w"));
        (void)fclose(f);
    }
    assert_int_equal(utimensat(-1, mail_path("tmp", "old"), old, 0), 0);
    assert_int_equal(maildir_open(&m, arena_print(rig.arena, "%s/mail", rig.dir).p), 0);
    maildir_close(&m);
    assert_int_equal(files_in("tmp", name), 1);
    assert_string_equal(name, "young");
    (void)unlink(mail_path("tmp", "young"));
}

/* ---- SMTP */

static struct {
    const char *rcpt, *data_end, *auth;
    char heard[20000];
    int mails;
} smtp;

static void speak_smtp(int fd, void *ctx)
{
    static char line[10000];

    (void)ctx;
    served_say(fd, "220 test\r\n");
    while (served_read_until(fd, line, sizeof line, "\r\n")) {
        strncat(smtp.heard, line, sizeof smtp.heard - strlen(smtp.heard) - 1);
        if (strncmp(line, "EHLO", 4) == 0) {
            served_say(fd, "250-test\r\n250 AUTH PLAIN\r\n");
        } else if (strcmp(line, "AUTH PLAIN\r\n") == 0) {
            served_say(fd, "334 \r\n");
        } else if (strncmp(line, "AHBv", 4) == 0) {
            served_say(fd, smtp.auth);
        } else if (strncmp(line, "RCPT", 4) == 0) {
            served_say(fd, smtp.rcpt);
        } else if (strncmp(line, "DATA", 4) == 0) {
            served_say(fd, "354 go on\r\n");
            served_read_until(fd, line, sizeof line, "\r\n.\r\n");
            strncat(smtp.heard, line, sizeof smtp.heard - strlen(smtp.heard) - 1);
            if (!smtp.data_end)
                return; /* lost in the middle */
            smtp.mails++;
            served_say(fd, smtp.data_end);
        } else if (strncmp(line, "QUIT", 4) == 0) {
            return;
        } else {
            served_say(fd, "250 ok\r\n");
        }
    }
}

static struct conf *conf_with(int port, char *password)
{
    static const struct conf_item replicas[] = {CONF_ITEM("mailer-replicas", INT, "1", 1, 2, "") /* */ {0}};
    const struct conf_item *tables[] = {mailer_actor.conf, replicas, NULL};
    char url[60], why[300];
    char *flags[] = {"--smtp-url",  url,           "--no-smtp-needs-tls",
                     "--smtp-user", "post",        "--smtp-password",
                     password,      "--mail-from", "Early Minds <lab@uni.example>"};
    struct conf *conf;

    (void)snprintf(url, sizeof url, "smtp://127.0.0.1:%d", port);
    if (conf_load(&conf, tables, sizeof flags / sizeof *flags, flags, NULL, why))
        fail_msg("%s", why);
    return conf;
}

static void smtp_says(const char *rcpt, const char *data_end, const char *auth)
{
    memset(&smtp, 0, sizeof smtp);
    smtp.rcpt = rcpt;
    smtp.data_end = data_end;
    smtp.auth = auth;
}

/* One mail through a server that answers like this: the job's error. */
static int through(const char *rcpt, const char *data_end, const char *auth)
{
    struct served *server = served_start(speak_smtp, NULL);
    struct conf *conf = conf_with(served_port(server), "sesame");
    static char text[1000];
    int err;

    smtp_says(rcpt, data_end, auth);
    house_start(conf);
    err = send_mail("study_paused", log_add(""), ada);
    (void)snprintf(text, sizeof text, "%.*s", (int)rig.answer.text.n,
                   rig.answer.text.p ? rig.answer.text.p : "");
    assert_null(strstr(text, "ada@"));
    assert_null(strstr(text, "sesame"));
    rig_stop(&rig);
    served_stop(&server);
    conf_free(&conf);
    return err;
}

#define OK "250 ok\r\n"
#define IN "235 welcome\r\n"

static void a_mail_goes_to_one_reader_who_is_named_in_the_envelope_only(void **state)
{
    (void)state;
    assert_int_equal(through(OK, OK, IN), 0);
    assert_int_equal(smtp.mails, 1);
    assert_non_null(strstr(smtp.heard, "MAIL FROM:<lab@uni.example>"));
    assert_non_null(strstr(smtp.heard, "RCPT TO:<ada@lookit.example>\r\nDATA"));
    assert_non_null(strstr(
        smtp.heard, "\r\nFrom: Early Minds <lab@uni.example>\r\nTo: Early Minds <lab@uni.example>\r\n"));
    assert_null(strstr(strstr(smtp.heard, "DATA"), "ada@"));
    assert_non_null(strstr(smtp.heard, "@uni.example>\r\nAuto-Submitted"));
}

static void a_server_that_cannot_now_is_asked_again_later(void **state)
{
    (void)state;
    assert_true(err_may_retry(through("451 4.3.0 greylisted ada@lookit.example\r\n", OK, IN)));
    assert_true(err_may_retry(through(OK, "452 4.3.1 full\r\n", IN)));
    assert_true(err_may_retry(through(OK, NULL, IN)));
    assert_true(err_may_retry(through(OK, OK, "454 4.7.0 not now\r\n")));
    assert_true(err_may_retry(through(OK, OK, "535 5.7.8 wrong sesame\r\n"))); /* a setting, not the mail */
}

static void what_a_server_never_takes_is_refused_for_good(void **state)
{
    (void)state;
    assert_int_equal(through("550 5.1.1 no such person ada@lookit.example\r\n", OK, IN), ERR_INVALID);
    assert_int_equal(through(OK, "554 5.7.1 no\r\n", IN), ERR_INVALID);
}

static char said[500];

static void line_keep(void *ctx, const char *line)
{
    (void)ctx;
    (void)snprintf(said, sizeof said, "%s", line);
}

static void check_says_whether_the_server_lets_us_in(void **state)
{
    struct served *server = served_start(speak_smtp, NULL);
    struct conf *conf = conf_with(served_port(server), "sesame");

    (void)state;
    smtp_says(OK, OK, IN);
    assert_int_equal(mailer_actor.check(conf, line_keep, NULL), 0);
    assert_int_equal(strncmp(said, "ok ", 3), 0);
    assert_null(strstr(smtp.heard, "MAIL FROM"));
    smtp_says(OK, OK, "535 5.7.8 no\r\n");
    assert_int_equal(mailer_actor.check(conf, line_keep, NULL), ERR_DENIED);
    assert_non_null(strstr(said, "535"));
    served_stop(&server);
    assert_int_equal(mailer_actor.check(conf, line_keep, NULL), ERR_AWAY);
    assert_int_equal(strncmp(said, "BAD ", 4), 0);
    conf_free(&conf);
}

/* ---- setup */

static int maildir_setup(void **state)
{
    (void)state;
    house_start(NULL);
    return 0;
}

static int maildir_teardown(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

static void world_make(void)
{
    desk_migrate();
    ada = desk_account("ada@lookit.example", false);
    bea = desk_account("bea@lookit.example", false);
    kim = desk_account("kim@uni.example", true);
    (void)desk_sql("update account set given_name = 'Kim', family_name = 'Sample' where id = %lld "
                   "returning 1",
                   (long long)kim);
    (void)desk_sql("insert into membership (account, user_group) select a.id, g.id from account a, "
                   "user_group g "
                   "where g.name = 'LOOKIT_ADMIN' and a.id in (%lld, %lld) returning 1",
                   (long long)ada, (long long)bea);
    study = desk_sql("insert into study (name, study_type, creator, lab) select 'Ball or box', 1, %lld, id "
                     "from lab where name = 'Demo lab' returning id",
                     (long long)kim);
    (void)desk_sql("insert into membership (account, user_group) select %lld, s.admin_group from study s "
                   "where s.id = %lld returning 1",
                   (long long)kim, (long long)study);
}

int main(void)
{
    const struct CMUnitTest files[] = {
        cmocka_unit_test(every_step_has_its_mail_and_its_readers),
        cmocka_unit_test(a_mail_in_the_maildir_is_exactly_this),
        cmocka_unit_test(the_same_job_twice_is_one_mail),
        cmocka_unit_test(every_text_has_all_its_values),
        cmocka_unit_test(a_paragraph_without_its_value_is_left_out),
        cmocka_unit_test(what_people_typed_becomes_no_header_and_no_template),
        cmocka_unit_test(who_is_not_to_be_told_any_more_gets_none_and_that_is_done),
        cmocka_unit_test(a_job_that_makes_no_sense_is_refused_for_good),
        cmocka_unit_test(a_mail_that_a_crash_left_half_written_goes_after_a_day),
    };
    const struct CMUnitTest server[] = {
        cmocka_unit_test(a_mail_goes_to_one_reader_who_is_named_in_the_envelope_only),
        cmocka_unit_test(a_server_that_cannot_now_is_asked_again_later),
        cmocka_unit_test(what_a_server_never_takes_is_refused_for_good),
        cmocka_unit_test(check_says_whether_the_server_lets_us_in),
    };
    int failed;

    fetch_init();
    world_make();
    failed = cmocka_run_group_tests(files, maildir_setup, maildir_teardown);
    return failed + cmocka_run_group_tests(server, NULL, NULL);
}
