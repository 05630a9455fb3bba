#include "spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypt.h"
#include "errors.h"
#include "folder.h"
#include "test.h"

static const char *folder;
static struct spool *spool;

static int set_up(void **state)
{
    static char path[600];
    (void)state;

    folder = folder_make();
    snprintf(path, sizeof path, "%s/a/b/spool", folder);
    return spool_open(&spool, path, 0);
}

static int tear_down(void **state)
{
    (void)state;
    spool_close(&spool);
    folder_remove(folder);
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[700];

    snprintf(path, sizeof path, "%s/a/b/spool/%s", folder, name);
    return path;
}

static void what_was_written_is_read_with_its_digest(void **state)
{
    struct spool_file *f;
    struct uuid id;
    uint8_t sha256[32], want[32];
    char got[16] = "";
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(spool_create(spool, &f), 0);
    assert_int_equal(spool_write(f, SPAN("hello ")), 0);
    assert_int_equal(spool_write(f, (struct span){NULL, 0}), 0);
    assert_int_equal(spool_write(f, SPAN("world")), 0);
    assert_int_equal(spool_size(f), 11);
    assert_int_equal(spool_finish(&f, &id, sha256), 0);
    assert_null(f);
    crypt_sha256(SPAN("hello world"), want);
    assert_memory_equal(sha256, want, 32);

    assert_int_equal(spool_read(spool, &id, &fd, &size), 0);
    assert_int_equal(size, 11);
    assert_int_equal(read(fd, got, sizeof got), 11);
    assert_memory_equal(got, "hello world", 11);
    close(fd);

    spool_remove(spool, &id);
    assert_int_equal(spool_read(spool, &id, &fd, &size), ERR_NOTFOUND);
    spool_remove(spool, &id);
}

static void folder_and_files_are_private(void **state)
{
    struct spool_file *f;
    struct uuid id;
    uint8_t sha256[32];
    char name[37];
    struct stat st;
    (void)state;

    assert_int_equal(stat(path_of(""), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(spool_create(spool, &f), 0);
    assert_int_equal(spool_finish(&f, &id, sha256), 0);
    uuid_text(&id, name);
    assert_int_equal(stat(path_of(name), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 0);
}

static void a_dropped_file_leaves_nothing(void **state)
{
    struct spool_file *f;
    (void)state;

    assert_int_equal(spool_create(spool, &f), 0);
    assert_int_equal(spool_write(f, SPAN("x")), 0);
    spool_drop(&f);
    assert_null(f);
    spool_drop(&f);
    assert_int_equal(rmdir(path_of("")), 0); /* only an empty folder can go */
    assert_int_equal(mkdir(path_of(""), 0700), 0);
}

static void a_disk_at_its_floor_is_full(void **state)
{
    struct spool *tight;
    struct spool_file *f;
    (void)state;

    assert_int_equal(spool_open(&tight, path_of(""), INT64_MAX), 0);
    assert_true(spool_free_bytes(tight) > 0);
    assert_int_equal(spool_create(tight, &f), ERR_FULL);
    assert_null(f);
    spool_close(&tight);
    assert_null(tight);
}

static void a_write_that_would_pass_the_floor_spoils_the_file(void **state)
{
    const size_t big = (size_t)512 << 20;
    char *zeros = calloc(1, big); /* never touched: the floor is checked first */
    struct spool *tight;
    struct spool_file *f;
    struct uuid id;
    uint8_t sha256[32];
    (void)state;

    assert_non_null(zeros);
    assert_int_equal(spool_open(&tight, path_of(""), spool_free_bytes(spool) - (int64_t)(big / 2)), 0);
    assert_int_equal(spool_create(tight, &f), 0);
    assert_int_equal(spool_write(f, SPAN("fits")), 0);
    assert_int_equal(spool_write(f, (struct span){zeros, big}), ERR_FULL);
    assert_int_equal(spool_write(f, SPAN("fits, but what was before is missing")), ERR_FULL);
    assert_int_equal(spool_size(f), 4);
    assert_int_equal(spool_finish(&f, &id, sha256), ERR_FULL);
    assert_null(f);
    spool_close(&tight);
    free(zeros);
    assert_int_equal(rmdir(path_of("")), 0);
    assert_int_equal(mkdir(path_of(""), 0700), 0);
}

static void touch(const char *name, time_t age_s)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - age_s}, {.tv_sec = time(NULL) - age_s}};
    int fd = open(path_of(name), O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static void opening_removes_old_files_of_ours_only(void **state)
{
    struct spool *again;
    (void)state;

    touch("0d3fa5c0-1111-4222-8333-444444444444", 2 * 86400);
    touch("0d3fa5c0-1111-4222-8333-555555555555", 60);
    touch("notes.txt", 2 * 86400);
    assert_int_equal(spool_open(&again, path_of(""), 0), 0);
    spool_close(&again);
    assert_int_equal(access(path_of("0d3fa5c0-1111-4222-8333-444444444444"), F_OK), -1);
    assert_int_equal(access(path_of("0d3fa5c0-1111-4222-8333-555555555555"), F_OK), 0);
    assert_int_equal(access(path_of("notes.txt"), F_OK), 0);
}

static void links_and_pipes_are_not_followed(void **state)
{
    struct uuid id;
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(uuid_read(SPAN("0d3fa5c0-1111-4222-8333-444444444444"), &id), 0);
    assert_int_equal(symlink("/etc/passwd", path_of("0d3fa5c0-1111-4222-8333-444444444444")), 0);
    assert_int_equal(spool_read(spool, &id, &fd, &size), ERR_NOTFOUND);
    assert_int_equal(unlink(path_of("0d3fa5c0-1111-4222-8333-444444444444")), 0);
    assert_int_equal(mkfifo(path_of("0d3fa5c0-1111-4222-8333-444444444444"), 0600), 0);
    assert_int_equal(spool_read(spool, &id, &fd, &size), ERR_NOTFOUND);
}

static void a_folder_that_cannot_be_made_is_an_error(void **state)
{
    struct spool *s;
    (void)state;

    assert_int_equal(spool_open(&s, "/proc/lookit/spool", 0) == 0, false);
    assert_null(s);
    assert_int_equal(spool_open(&s, "", 0), ERR_INVALID);
    touch("file", 0);
    assert_int_equal(spool_open(&s, path_of("file"), 0), ERR_AWAY);
    spool_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read_with_its_digest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folder_and_files_are_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dropped_file_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_disk_at_its_floor_is_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_that_would_pass_the_floor_spoils_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(opening_removes_old_files_of_ours_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_and_pipes_are_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
