#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static char written[1 << 20];

/* Runs say() with stderr in a file; what it wrote is in `written`. */
static void capture(void (*say)(void))
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    size_t n;

    assert_non_null(file);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    say();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    rewind(file);
    n = fread(written, 1, sizeof written - 1, file);
    written[n] = '\0';
    fclose(file);
}

static size_t count_of(char c)
{
    size_t n = 0;

    for (const char *p = written; *p; p++)
        n += *p == c;
    return n;
}

static void say_one(void)
{
    log_warn("upload-refused", "upload=%d why=%s", 7, "disk-full");
}

static void a_line_has_time_level_word_and_values(void **state)
{
    (void)state;
    capture(say_one);
    assert_int_equal(written[10], 'T');
    assert_int_equal(written[23], 'Z');
    assert_string_equal(written + 24, " warn upload-refused upload=7 why=disk-full\n");
}

static void say_hostile(void)
{
    log_info("hostile", "v=%s", "a\nfake-line x=1\r\x1b[2J\x7f\\ \xc3\xa9");
}

static void a_value_cannot_begin_a_line_or_command_a_terminal(void **state)
{
    (void)state;
    capture(say_hostile);
    assert_int_equal(count_of('\n'), 1);
    assert_int_equal(count_of('\x1b'), 0);
    assert_string_equal(written + 24, " info hostile v=a\\nfake-line x=1\\r\\x1b[2J\\x7f\\\\ \xc3\xa9\n");
}

static off_t length_now(void)
{
    return lseek(STDERR_FILENO, 0, SEEK_END);
}

static off_t after_two, after_warning, after_full, after_flush, after_last;
static void say_and_hold(void)
{
    log_hold();
    log_info("held", "n=%d", 1);
    log_info("held", "n=%d", 2);
    after_two = length_now();
    log_warn("held", "n=%d", 3);
    after_warning = length_now();
    for (int i = 4; i < 204; i++)
        log_info("held", "n=%d", i);
    after_full = length_now();
    log_flush();
    after_flush = length_now();
    log_info("held", "n=%d", 204);
    after_last = length_now();
}

static void held_lines_go_out_together_in_order_and_a_warning_takes_them_along(void **state)
{
    int n = 1;

    (void)state;
    capture(say_and_hold);
    assert_int_equal(after_two, 0);
    assert_true(after_warning > 0);
    assert_true(after_full > after_warning &&
                after_full - after_warning <= 3 * 4096); /* more than one write holds */
    assert_true(after_flush > after_full);
    assert_true(after_last > after_flush);
    for (char *p = written, *end; (end = strchr(p, '\n')); p = end + 1, n++) {
        const char *at = strstr(p, " held n=");
        assert_non_null(at);
        assert_int_equal(atoi(at + 8), n);
    }
    assert_int_equal(n, 205);
}

static void say_long(void)
{
    static char big[100000];

    memset(big, '\n', sizeof big - 1);
    log_info("long", "%s", big);
}

static void a_long_text_is_cut_to_one_line(void **state)
{
    (void)state;
    capture(say_long);
    assert_int_equal(count_of('\n'), 1);
    assert_true(strlen(written) <= 4096);
    assert_string_equal(written + strlen(written) - 4, "...\n");
}

static void say_levels(void)
{
    log_debug("quiet", "n=%d", 1);
    log_level_set(LEVEL_DEBUG);
    log_debug("loud", "n=%d", 2);
    log_level_set(LEVEL_ERROR);
    log_warn("quiet", "n=%d", 3);
    log_level_set(LEVEL_INFO);
}

static uint64_t loud, quiet, counted;
static void look(void *ctx, const char *word, uint64_t n)
{
    (void)ctx;
    if (strcmp(word, "loud") == 0)
        loud = n;
    if (strcmp(word, "quiet") == 0)
        quiet = n;
    if (strcmp(word, "counted") == 0)
        counted = n;
}

static void hidden_levels_are_not_written_but_counted(void **state)
{
    (void)state;
    capture(say_levels);
    assert_int_equal(count_of('\n'), 1);
    assert_non_null(strstr(written, " debug loud n=2\n"));
    log_counts(look, NULL);
    assert_int_equal(loud, 1);
    assert_int_equal(quiet, 2);
}

static void *say_much(void *unused)
{
    for (int i = 0; i < 500; i++)
        log_info("counted", "a=%s", "0123456789012345678901234567890123456789");
    return unused;
}

static void say_together(void)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, say_much, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void lines_of_threads_never_mix(void **state)
{
    size_t lines = 0;
    (void)state;

    capture(say_together);
    for (char *p = written, *end; (end = strchr(p, '\n')); p = end + 1, lines++)
        assert_memory_equal(p + 24, " info counted a=0123456789012345678901234567890123456789\n", 57);
    assert_int_equal(lines, 2000);
    log_counts(look, NULL);
    assert_int_equal(counted, 2000);
}

static void logging_keeps_errno(void **state)
{
    (void)state;
    errno = ENOENT;
    capture(say_one);
    errno = EPERM;
    log_debug("hidden", "%s", "");
    assert_int_equal(errno, EPERM);
}

static void find_lost(void *ctx, const char *word, uint64_t n)
{
    if (strcmp(word, "log-lines-lost") == 0)
        *(uint64_t *)ctx = n;
}

static void a_reader_that_stopped_reading_holds_nobody_up(void **state)
{
    int ends[2], saved = dup(STDERR_FILENO);
    uint64_t lost = 0;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    for (int i = 0; i < 5000; i++) /* far more than a pipe takes */
        log_warn("upload-refused", "upload=%d why=%s", i, "nobody-reads-this");
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    log_counts(find_lost, &lost);
    assert_true(lost > 0 && lost < 5000);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

static void break_a_rule(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        MUST(1 + 1 == 3);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void a_bug_says_where_and_aborts(void **state)
{
    (void)state;
    capture(break_a_rule);
    assert_non_null(strstr(written, " error bug must=\"1 + 1 == 3\" at="));
    assert_non_null(strstr(written, "test_log.c:"));
}

static void more_words_than_the_table_holds_are_counted_together(void **state)
{
    char word[32];
    (void)state;

    for (int i = 0; i < 2000; i++) {
        snprintf(word, sizeof word, "word-%d", i);
        log_debug(word, "%s", "");
    }
    log_counts(look, NULL); /* and nothing broke */
    assert_int_equal(counted, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_word_and_values),
        cmocka_unit_test(a_value_cannot_begin_a_line_or_command_a_terminal),
        cmocka_unit_test(held_lines_go_out_together_in_order_and_a_warning_takes_them_along),
        cmocka_unit_test(a_long_text_is_cut_to_one_line),
        cmocka_unit_test(hidden_levels_are_not_written_but_counted),
        cmocka_unit_test(lines_of_threads_never_mix),
        cmocka_unit_test(logging_keeps_errno),
        cmocka_unit_test(a_reader_that_stopped_reading_holds_nobody_up),
        cmocka_unit_test(a_bug_says_where_and_aborts),
        cmocka_unit_test(more_words_than_the_table_holds_are_counted_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
