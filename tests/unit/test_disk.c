#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "folder.h"
#include "test.h"

static void full_missing_and_broken_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(disk_error(ENOSPC, "write"), ERR_FULL);
    assert_int_equal(disk_error(EDQUOT, "write"), ERR_FULL);
    assert_int_equal(disk_error(ENOENT, "open"), ERR_NOTFOUND);
    assert_int_equal(disk_error(EEXIST, "open"), ERR_CONFLICT);
    assert_int_equal(disk_error(EMFILE, "open"), ERR_BUSY);
    assert_int_equal(disk_error(EIO, "read"), ERR_AWAY);
}

static void a_full_device_says_full(void **state)
{
    int fd = open("/dev/full", O_WRONLY);
    (void)state;

    assert_true(fd >= 0);
    assert_int_equal(disk_write(fd, SPAN("x")), ERR_FULL);
    assert_int_equal(disk_write(fd, (struct span){NULL, 0}), 0);
    close(fd);
}

static void the_floor_counts_what_is_about_to_come(void **state)
{
    int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
    int64_t left = disk_free_bytes(fd);
    (void)state;

    assert_true(left > 0);
    assert_int_equal(disk_check_floor(fd, 0, 0), 0);
    assert_int_equal(disk_check_floor(fd, UINT64_MAX, 0), ERR_FULL);
    assert_int_equal(disk_check_floor(fd, 0, INT64_MAX), ERR_FULL);
    close(fd);
    assert_int_equal(disk_free_bytes(-1), 0); /* not known: nothing may be written */
}

static void folders_are_made_with_all_above_them_and_private(void **state)
{
    char root[512], path[600];
    struct stat st;
    int fd, below;
    (void)state;

    snprintf(root, sizeof root, "%s", folder_make());
    snprintf(path, sizeof path, "%s/a//b/c/", root);
    assert_int_equal(disk_folder_open(path, &fd), 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(disk_folder_open_at(fd, "d", &below), 0);
    close(below);
    assert_int_equal(disk_folder_open_at(fd, "d", &below), 0);
    close(below);
    close(fd);
    folder_remove(root);
}

static void only_files_are_opened_for_reading(void **state)
{
    char root[512];
    uint64_t size;
    int folder, fd;
    (void)state;

    snprintf(root, sizeof root, "%s", folder_make());
    assert_int_equal(disk_folder_open(root, &folder), 0);
    assert_int_equal(disk_read_open(folder, "none", &fd, &size), ERR_NOTFOUND);
    assert_int_equal(mkdirat(folder, "folder", 0700), 0);
    assert_int_equal(disk_read_open(folder, "folder", &fd, &size), ERR_NOTFOUND);
    assert_int_equal(fd, -1);
    assert_int_equal(symlinkat("/etc/passwd", folder, "link"), 0);
    assert_int_equal(disk_read_open(folder, "link", &fd, &size), ERR_NOTFOUND);
    close(folder);
    folder_remove(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_missing_and_broken_are_told_apart),
        cmocka_unit_test(a_full_device_says_full),
        cmocka_unit_test(the_floor_counts_what_is_about_to_come),
        cmocka_unit_test(folders_are_made_with_all_above_them_and_private),
        cmocka_unit_test(only_files_are_opened_for_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
