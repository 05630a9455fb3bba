#include "store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt.h"
#include "errors.h"
#include "folder.h"
#include "test.h"

static char root[512], place[600];
static struct store *store;
static uint64_t grown; /* length of the draft after the last append */
static const struct uuid study = {{1, 2, 3}}, draft = {{9}};

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "%s", folder_make());
    snprintf(place, sizeof place, "%s/data/store", root);
    return store_open(&store, place, 0);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(&store);
    folder_remove(root);
    return 0;
}

/* Appends text by way of a file, as from the spool. */
static int append(struct store *to, uint64_t at, struct span text, uint64_t *size)
{
    FILE *f = tmpfile();
    int err;

    assert_non_null(f);
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    assert_int_equal(fflush(f), 0);
    rewind(f);
    err = store_draft_append(to, &draft, at, fileno(f), text.n, size);
    (void)fclose(f);
    return err;
}

static const char *path_of(const char *name)
{
    static char path[1400];

    snprintf(path, sizeof path, "%s/%s", place, name);
    return path;
}

static int entries_in(const char *name)
{
    return folder_count(path_of(name));
}

static int file_of(struct span bytes)
{
    FILE *file = tmpfile();
    int fd;

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    rewind(file);
    fd = dup(fileno(file));
    fclose(file);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void assert_holds(int fd, uint64_t size, const char *want)
{
    char got[256];

    assert_int_equal(size, strlen(want));
    assert_int_equal(read(fd, got, sizeof got), strlen(want));
    assert_memory_equal(got, want, strlen(want));
    close(fd);
}

static void an_object_is_found_by_its_digest(void **state)
{
    uint8_t sha256[32], want[32];
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(store_put(store, SPAN("abc"), sha256), 0);
    crypt_sha256(SPAN("abc"), want);
    assert_memory_equal(sha256, want, 32);
    assert_int_equal(store_has(store, sha256), 0);
    assert_int_equal(store_get(store, sha256, &fd, &size), 0);
    assert_holds(fd, size, "abc");
    assert_int_equal(
        access(path_of("objects/ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), R_OK),
        0);
    assert_int_equal(entries_in("temp"), 0);
}

static void what_is_not_there_is_not_found(void **state)
{
    uint8_t sha256[32] = {7};
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(store_has(store, sha256), ERR_NOTFOUND);
    assert_int_equal(store_get(store, sha256, &fd, &size), ERR_NOTFOUND);
    assert_int_equal(store_remove(store, sha256), 0);
    assert_int_equal(entries_in("objects"), 0);
}

static void putting_twice_keeps_one_file_untouched(void **state)
{
    const char *path = "objects/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    uint8_t sha256[32];
    struct stat before, after;
    (void)state;

    assert_int_equal(store_put(store, (struct span){NULL, 0}, sha256), 0);
    assert_int_equal(stat(path_of(path), &before), 0);
    assert_int_equal(store_put(store, (struct span){NULL, 0}, sha256), 0);
    assert_int_equal(stat(path_of(path), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(entries_in("objects/e3"), 1);
}

static void an_open_file_is_put_from_where_it_stands(void **state)
{
    int fd = file_of(SPAN("skip-this:content")), out;
    uint8_t sha256[32], want[32];
    uint64_t size;
    (void)state;

    assert_int_equal(lseek(fd, 10, SEEK_SET), 10);
    assert_int_equal(store_put_fd(store, fd, 7, sha256, &size), 0);
    assert_int_equal(size, 7);
    crypt_sha256(SPAN("content"), want);
    assert_memory_equal(sha256, want, 32);
    assert_int_equal(store_get(store, sha256, &out, &size), 0);
    assert_holds(out, size, "content");
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(store_put_fd(store, fd, 16, sha256, &size), ERR_TOOBIG);
    assert_int_equal(lseek(fd, 10, SEEK_SET), 10);
    assert_int_equal(store_put_fd(store, fd, UINT64_MAX, sha256, &size), 0); /* again, known by now */
    close(fd);
    assert_int_equal(entries_in("temp"), 0);
}

static void what_cannot_be_read_is_not_kept(void **state)
{
    int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
    uint8_t sha256[32];
    uint64_t size;
    (void)state;

    assert_int_equal(store_put_fd(store, fd, 100, sha256, &size), ERR_AWAY);
    close(fd);
    assert_int_equal(entries_in("temp"), 0);
    assert_int_equal(entries_in("objects"), 0);
}

static void a_removed_object_is_gone(void **state)
{
    uint8_t sha256[32];
    (void)state;

    assert_int_equal(store_put(store, SPAN("abc"), sha256), 0);
    assert_int_equal(store_remove(store, sha256), 0);
    assert_int_equal(store_has(store, sha256), ERR_NOTFOUND);
    assert_int_equal(store_remove(store, sha256), 0);
}

static void a_disk_at_its_floor_is_full_and_nothing_is_left_behind(void **state)
{
    struct store *tight;
    uint8_t sha256[32];
    uint64_t size;
    int fd = file_of(SPAN("x"));
    (void)state;

    assert_int_equal(store_open(&tight, place, INT64_MAX), 0);
    assert_int_equal(store_put(tight, SPAN("x"), sha256), ERR_FULL);
    assert_int_equal(store_put_fd(tight, fd, 10, sha256, &size), ERR_FULL);
    assert_int_equal(store_video_put_fd(tight, &study, SPAN("a.webm"), fd, 10, &size), ERR_FULL);
    assert_int_equal(append(tight, 0, SPAN("x"), &grown), ERR_FULL);
    assert_int_equal(entries_in("temp") + entries_in("drafts") + entries_in("objects"), 0);
    assert_true(store_free_bytes(tight) > 0);
    store_close(&tight);
    close(fd);
}

static void names_that_could_leave_the_folder_are_refused(void **state)
{
    static const char *const bad[] = {"",     ".",    "..",    ".hidden", "a/b",      "../x", "/etc/passwd",
                                      "a\\b", "a\nb", "a\x7f", "\xff",    "a\xc0\xaf"};
    static char longest[257];
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t size;
        int fd;
        struct span name = span_of(bad[i]);
        assert_false(store_name_is_good(name));
        assert_int_equal(store_video_get(store, &study, name, &fd, &size), ERR_INVALID);
        assert_int_equal(store_video_put_fd(store, &study, name, 0, 10, &size), ERR_INVALID);
        assert_int_equal(store_video_remove(store, &study, name), ERR_INVALID);
        assert_int_equal(store_draft_keep(store, &draft, &study, name), ERR_INVALID);
    }
    assert_false(store_name_is_good((struct span){"a\0b", 3}));
    assert_false(store_name_is_good((struct span){NULL, 0}));
    memset(longest, 'a', 256);
    assert_false(store_name_is_good((struct span){longest, 256}));
    assert_true(store_name_is_good((struct span){longest, 255}));
    assert_true(
        store_name_is_good(SPAN("consent-videoStream_0d3fa5c0_1-video consent_9_1700000000000_7.webm")));
    assert_true(store_name_is_good(SPAN("caf\xc3\xa9..webm")));
    assert_int_equal(entries_in("video"), 0);
}

static void a_video_is_kept_under_study_and_name_once(void **state)
{
    int fd = file_of(SPAN("video")), out;
    struct uuid other = {{4}};
    uint64_t size;
    (void)state;

    assert_int_equal(store_video_put_fd(store, &study, SPAN("a b.webm"), fd, 100, &size), 0);
    assert_int_equal(size, 5);
    assert_int_equal(access(path_of("video/01020300-0000-0000-0000-000000000000/a b.webm"), R_OK), 0);
    assert_int_equal(store_video_get(store, &study, SPAN("a b.webm"), &out, &size), 0);
    assert_holds(out, size, "video");
    assert_int_equal(store_video_get(store, &other, SPAN("a b.webm"), &out, &size), ERR_NOTFOUND);
    assert_int_equal(store_video_get(store, &study, SPAN("b.webm"), &out, &size), ERR_NOTFOUND);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(store_video_put_fd(store, &study, SPAN("a b.webm"), fd, 100, &size), ERR_CONFLICT);
    close(fd);
    assert_int_equal(store_video_remove(store, &study, SPAN("a b.webm")), 0);
    assert_int_equal(store_video_get(store, &study, SPAN("a b.webm"), &out, &size), ERR_NOTFOUND);
    assert_int_equal(store_video_remove(store, &study, SPAN("a b.webm")), 0);
    assert_int_equal(store_video_remove(store, &other, SPAN("a b.webm")), 0);
    assert_int_equal(entries_in("temp"), 0);
}

static void a_draft_grows_and_becomes_a_video(void **state)
{
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(append(store, 0, SPAN("one "), &grown), 0);
    assert_int_equal(append(store, 4, SPAN("two"), &grown), 0);
    assert_int_equal(store_draft_get(store, &draft, &fd, &size), 0);
    assert_holds(fd, size, "one two");
    assert_int_equal(store_draft_keep(store, &draft, &study, SPAN("v.webm")), 0);
    assert_int_equal(store_draft_get(store, &draft, &fd, &size), ERR_NOTFOUND);
    assert_int_equal(store_video_get(store, &study, SPAN("v.webm"), &fd, &size), 0);
    assert_holds(fd, size, "one two");
    assert_int_equal(store_draft_keep(store, &draft, &study, SPAN("v.webm")), 0); /* the answer was lost */
    assert_int_equal(store_draft_keep(store, &draft, &study, SPAN("w.webm")), ERR_NOTFOUND);
}

static void only_the_end_of_a_draft_grows_and_others_learn_where_it_is(void **state)
{
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(append(store, 1, SPAN("x"), &grown), ERR_CONFLICT);
    assert_int_equal(append(store, 0, SPAN("0123456789"), &grown), 0);
    assert_int_equal(grown, 10);
    assert_int_equal(append(store, 11, SPAN("x"), &grown), ERR_CONFLICT);
    assert_int_equal(grown, 10);
    assert_int_equal(append(store, 4, SPAN("ab"), &grown), ERR_CONFLICT);
    assert_int_equal(append(store, 10, SPAN("ab"), &grown), 0);
    assert_int_equal(grown, 12);
    assert_int_equal(store_draft_get(store, &draft, &fd, &size), 0);
    assert_holds(fd, size, "0123456789ab");
    assert_int_equal(append(store, UINT64_MAX, SPAN("x"), &grown), ERR_TOOBIG);
    assert_int_equal(store_draft_remove(store, &draft), 0);
    assert_int_equal(store_draft_remove(store, &draft), 0);
    assert_int_equal(store_draft_get(store, &draft, &fd, &size), ERR_NOTFOUND);
}

static void a_draft_never_replaces_another_video(void **state)
{
    uint64_t size;
    int fd = file_of(SPAN("first"));
    (void)state;

    assert_int_equal(store_video_put_fd(store, &study, SPAN("v.webm"), fd, 100, &size), 0);
    close(fd);
    assert_int_equal(append(store, 0, SPAN("second"), &grown), 0);
    assert_int_equal(store_draft_keep(store, &draft, &study, SPAN("v.webm")), ERR_CONFLICT);
    assert_int_equal(store_draft_get(store, &draft, &fd, &size), 0);
    close(fd);
    assert_int_equal(store_video_get(store, &study, SPAN("v.webm"), &fd, &size), 0);
    assert_holds(fd, size, "first");
}

static void keeping_goes_on_after_a_crash_in_the_middle(void **state)
{
    char from[1400];
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(append(store, 0, SPAN("bytes"), &grown), 0);
    assert_int_equal(mkdir(path_of("video/01020300-0000-0000-0000-000000000000"), 0700), 0);
    snprintf(from, sizeof from, "%s", path_of("drafts/09000000-0000-0000-0000-000000000000"));
    assert_int_equal(link(from, path_of("video/01020300-0000-0000-0000-000000000000/v.webm")), 0);
    assert_int_equal(store_draft_keep(store, &draft, &study, SPAN("v.webm")), 0);
    assert_int_equal(entries_in("drafts"), 0);
    assert_int_equal(store_video_get(store, &study, SPAN("v.webm"), &fd, &size), 0);
    assert_holds(fd, size, "bytes");
}

static void links_are_not_followed(void **state)
{
    uint64_t size;
    int fd;
    (void)state;

    assert_int_equal(mkdir(path_of("video/01020300-0000-0000-0000-000000000000"), 0700), 0);
    assert_int_equal(symlink("/etc/passwd", path_of("video/01020300-0000-0000-0000-000000000000/v.webm")), 0);
    assert_int_equal(store_video_get(store, &study, SPAN("v.webm"), &fd, &size), ERR_NOTFOUND);
    assert_int_equal(symlink("/tmp/lookit-elsewhere", path_of("drafts/09000000-0000-0000-0000-000000000000")),
                     0);
    assert_int_equal(append(store, 0, SPAN("x"), &grown), ERR_AWAY);
}

static void *put_many(void *number)
{
    struct store *own;
    uint8_t sha256[32];

    assert_int_equal(store_open(&own, place, 0), 0);
    for (char c = 'a'; c <= 'p'; c++)
        assert_int_equal(store_put(own, (struct span){&c, 1}, sha256), 0);
    store_close(&own);
    return number;
}

static void threads_that_put_the_same_all_succeed(void **state)
{
    pthread_t threads[4];
    (void)state;

    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(entries_in("temp"), 0);
}

static int double_it(int in, uint64_t size, int out, void *ctx)
{
    char bytes[64];
    ssize_t n = read(in, bytes, sizeof bytes);

    assert_int_equal(n, size);
    assert_int_equal(write(out, bytes, (size_t)n), n);
    assert_int_equal(write(out, bytes, (size_t)n), n);
    return *(int *)ctx;
}

static void a_rewritten_video_changes_at_once_and_a_failed_rewrite_changes_nothing(void **state)
{
    int fd, says = 0;
    uint64_t size;

    (void)state;
    assert_int_equal(append(store, 0, SPAN("abc"), &grown), 0);
    assert_int_equal(store_draft_keep(store, &draft, &study, SPAN("a.webm")), 0);
    assert_int_equal(store_video_rewrite(store, &study, SPAN("a.webm"), double_it, &says), 0);
    assert_int_equal(store_video_get(store, &study, SPAN("a.webm"), &fd, &size), 0);
    assert_int_equal(size, 6);
    (void)close(fd);
    says = ERR_UNSUPPORTED;
    assert_int_equal(store_video_rewrite(store, &study, SPAN("a.webm"), double_it, &says), ERR_UNSUPPORTED);
    assert_int_equal(store_video_get(store, &study, SPAN("a.webm"), &fd, &size), 0);
    assert_int_equal(size, 6);
    (void)close(fd);
    assert_int_equal(store_video_rewrite(store, &study, SPAN("b.webm"), double_it, &says), ERR_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_rewritten_video_changes_at_once_and_a_failed_rewrite_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_object_is_found_by_its_digest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_not_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(putting_twice_keeps_one_file_untouched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_open_file_is_put_from_where_it_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_removed_object_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_disk_at_its_floor_is_full_and_nothing_is_left_behind, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(names_that_could_leave_the_folder_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_video_is_kept_under_study_and_name_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_draft_grows_and_becomes_a_video, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_end_of_a_draft_grows_and_others_learn_where_it_is, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_draft_never_replaces_another_video, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeping_goes_on_after_a_crash_in_the_middle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads_that_put_the_same_all_succeed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
