/* mail: long bodies go through the spool, unseen. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypt.h"
#include "errors.h"
#include "mail.h"
#include "messages.h"

static struct arena *arena;
static struct spool *spool;
static char folder[64];

static int setup(void **state)
{
    (void)state;
    crypt_init();
    arena = arena_new();
    (void)snprintf(folder, sizeof folder, "/tmp/lookit-mail.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

/* Names the last file in the folder; returns how many there are. */
static int files(char path[400])
{
    DIR *dir = opendir(folder);
    int n = 0;

    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (entry->d_name[0] != '.') {
            n++;
            (void)snprintf(path, 400, "%s/%s", folder, entry->d_name);
        }
    (void)closedir(dir);
    return n;
}

static int teardown(void **state)
{
    char path[400];

    (void)state;
    spool_close(&spool);
    while (files(path))
        (void)unlink(path);
    (void)rmdir(folder);
    arena_free(&arena);
    return 0;
}

static struct mail pack_doc(size_t n, int err)
{
    struct mail mail = {0};
    char *doc = arena_get(arena, n);

    memset(doc, '1', n);
    assert_int_equal(
        mail_pack(&mail, arena, &MESSAGE_reply_doc, &(struct reply_doc){{doc, n}}, &spool, folder), err);
    return mail;
}

static void a_short_body_stays_in_the_mail(void **state)
{
    struct mail mail = pack_doc(60000, 0);
    char path[400];
    const void *body;

    (void)state;
    assert_false(mail.envelope.has_spool);
    assert_int_equal(files(path), 0);
    assert_int_equal(mail_unpack(&mail, arena, &MESSAGE_reply_doc, &body, &spool, folder), 0);
    assert_int_equal(((const struct reply_doc *)body)->doc.n, 60000);
}

static void a_long_body_rests_in_the_spool_until_it_is_read(void **state)
{
    struct mail mail = pack_doc(100000, 0);
    char path[400];
    const void *body;

    (void)state;
    assert_true(mail.envelope.has_spool && mail.envelope.has_bytes && mail.envelope.has_sha256);
    assert_int_equal(mail.body.n, 0);
    assert_int_equal(files(path), 1);
    assert_int_equal(mail_unpack(&mail, arena, &MESSAGE_reply_doc, &body, &spool, folder), 0);
    assert_int_equal(((const struct reply_doc *)body)->doc.n, 100000);
    assert_int_equal(files(path), 0);
    assert_int_equal(mail_unpack(&mail, arena, &MESSAGE_reply_doc, &body, &spool, folder), ERR_NOTFOUND);
}

static void a_changed_file_is_refused_and_removed(void **state)
{
    struct mail mail = pack_doc(100000, 0);
    char path[400];
    const void *body;
    int fd;

    (void)state;
    assert_int_equal(files(path), 1);
    fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "2", 1, 5000), 1);
    (void)close(fd);
    assert_int_equal(mail_unpack(&mail, arena, &MESSAGE_reply_doc, &body, &spool, folder), ERR_CHECKSUM);
    assert_int_equal(files(path), 0);
    mail = pack_doc(100000, 0);
    assert_int_equal(files(path), 1);
    assert_int_equal(truncate(path, 90000), 0);
    assert_int_equal(mail_unpack(&mail, arena, &MESSAGE_reply_doc, &body, &spool, folder), ERR_CHECKSUM);
}

static void a_file_longer_than_its_message_may_be_is_not_read(void **state)
{
    struct mail mail = pack_doc(100000, 0);
    const void *body;

    (void)state;
    assert_int_equal(mail_unpack(&mail, arena, &MESSAGE_ctl_tap, &body, &spool, folder), ERR_TOOBIG);
}

static void mail_that_nobody_reads_leaves_nothing(void **state)
{
    struct mail mail = pack_doc(100000, 0);
    char path[400];

    (void)state;
    mail_drop(&mail.envelope, &spool, folder);
    assert_int_equal(files(path), 0);
}

static void without_a_spool_long_bodies_are_too_big(void **state)
{
    struct mail mail = {0};
    char *doc = arena_get(arena, 70000);

    (void)state;
    memset(doc, '1', 70000);
    assert_int_equal(
        mail_pack(&mail, arena, &MESSAGE_reply_doc, &(struct reply_doc){{doc, 70000}}, &spool, NULL),
        ERR_TOOBIG);
}

static void the_operation_id_stands_on_the_envelope(void **state)
{
    struct probe_echo echo = {.doc = SPAN("1"), .op_id = {{9}}, .has_op_id = true};
    struct mail mail = {0};

    (void)state;
    assert_int_equal(mail_pack(&mail, arena, &MESSAGE_probe_echo, &echo, &spool, folder), 0);
    assert_true(mail.envelope.has_op);
    assert_int_equal(mail.envelope.op.b[0], 9);
    assert_int_equal(mail.envelope.message, MESSAGE_probe_echo.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_short_body_stays_in_the_mail, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_body_rests_in_the_spool_until_it_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_file_is_refused_and_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_longer_than_its_message_may_be_is_not_read, setup, teardown),
        cmocka_unit_test_setup_teardown(mail_that_nobody_reads_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_spool_long_bodies_are_too_big, setup, teardown),
        cmocka_unit_test_setup_teardown(the_operation_id_stands_on_the_envelope, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
