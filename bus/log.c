/* log: see the header. Uses nothing but libc, because everything else may want to log. */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 4096 /* PIPE_BUF on Linux: a line this long is still written whole */
#define TEXT_BYTES 2048
#define WORDS_MAX 512 /* a power of two; what comes after is counted as "log-words-full" */
#define WORD_BYTES 48

struct counter {
    atomic_bool is_named; /* set after the word is written; then the word never changes */
    char word[WORD_BYTES];
    _Atomic uint64_t n;
};

static struct counter counters[WORDS_MAX];
static struct counter overflow = {.is_named = true, .word = "log-words-full"};
static struct counter lost = {.is_named = true, .word = "log-lines-lost"};
static pthread_mutex_t naming = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static atomic_int level_max = LEVEL_INFO;

void log_level_set(enum log_level level)
{
    atomic_store(&level_max, (int)level);
}

static size_t word_hash(const char *word)
{
    uint32_t h = 2166136261u;

    for (; *word; word++)
        h = (h ^ (unsigned char)*word) * 16777619u;
    return h;
}

/* The counter of the word, or the free place where it belongs. NULL: neither. */
static struct counter *counter_find(const char *word)
{
    size_t start = word_hash(word);

    for (size_t i = 0; i < WORDS_MAX; i++) {
        struct counter *c = &counters[(start + i) % WORDS_MAX];
        if (!atomic_load_explicit(&c->is_named, memory_order_acquire) ||
            strncmp(c->word, word, WORD_BYTES - 1) == 0)
            return c;
    }
    return NULL;
}

static void word_count(const char *word)
{
    struct counter *c = counter_find(word);

    if (c && !atomic_load_explicit(&c->is_named, memory_order_acquire)) {
        (void)pthread_mutex_lock(&naming);
        c = counter_find(word); /* somebody may have named it meanwhile */
        if (c && !atomic_load(&c->is_named)) {
            (void)snprintf(c->word, sizeof c->word, "%s", word);
            atomic_store_explicit(&c->is_named, true, memory_order_release);
        }
        (void)pthread_mutex_unlock(&naming);
    }
    atomic_fetch_add_explicit(c ? &c->n : &overflow.n, 1, memory_order_relaxed);
}

void log_counts(void (*fn)(void *ctx, const char *word, uint64_t n), void *ctx)
{
    struct counter *const extra[] = {&overflow, &lost};

    for (size_t i = 0; i < WORDS_MAX; i++)
        if (atomic_load_explicit(&counters[i].is_named, memory_order_acquire))
            fn(ctx, counters[i].word, atomic_load(&counters[i].n));
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
        if (atomic_load(&extra[i]->n))
            fn(ctx, extra[i]->word, atomic_load(&extra[i]->n));
}

/* Copies text without control characters, so that no value can begin a line or command a terminal. Returns
 * the new length; what has no room ends in "...". */
static size_t text_escape(char *out, size_t cap, const char *text)
{
    size_t n = 0;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (cap - n < 8) {
            memcpy(out + n, "...", 3);
            return n + 3;
        }
        if (c == '\n' || c == '\r' || c == '\t' || c == '\\') {
            out[n++] = '\\';
            out[n++] = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\\';
        } else if (c < 0x20 || c == 0x7f) {
            n += (size_t)snprintf(out + n, 5, "\\x%02x", c);
        } else {
            out[n++] = (char)c;
        }
    }
    return n;
}

/* One write(2) for whole lines, so that those of threads and processes never mix. Whoever reads our stderr
 * may stop reading, a pager or a collector say: then lines are lost and counted, but nobody waits, the HTTP
 * loop least of all. A pipe that can be written takes PIPE_BUF bytes, and the lock keeps another thread from
 * taking them in between. */
static void bytes_write(const char *bytes, size_t n, uint64_t lines)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    ssize_t done = -1;

    (void)pthread_mutex_lock(&writing);
    if (poll(&out, 1, 0) == 1 && out.revents & POLLOUT) {
        do
            done = write(STDERR_FILENO, bytes, n);
        while (done < 0 && errno == EINTR);
    }
    (void)pthread_mutex_unlock(&writing);
    if (done != (ssize_t)n)
        atomic_fetch_add_explicit(&lost.n, lines, memory_order_relaxed);
}

/* Lines that wait, and the second of the last one as it is written. */
static _Thread_local struct {
    bool is_held;
    size_t n;
    uint64_t lines;
    char bytes[LINE_BYTES];
    time_t second;
    char second_text[sizeof "YYYY-MM-DDThh:mm:ss"];
} mine;

void log_hold(void)
{
    mine.is_held = true;
}

static void waiting_write(void)
{
    if (mine.n)
        bytes_write(mine.bytes, mine.n, mine.lines);
    mine.n = mine.lines = 0;
}

void log_flush(void)
{
    int saved_errno = errno;

    waiting_write();
    mine.is_held = false;
    errno = saved_errno;
}

static void line_write(enum log_level level, const char *line, size_t n)
{
    if (n > sizeof mine.bytes - mine.n)
        waiting_write();
    memcpy(mine.bytes + mine.n, line, n);
    mine.n += n;
    mine.lines++;
    if (!mine.is_held || level <= LEVEL_WARN)
        waiting_write();
}

static size_t time_write(char *line)
{
    struct timespec now = {0};
    struct tm utc = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now); /* not clock_us(): a bug in clock.c must be sayable */
    if (now.tv_sec != mine.second || !mine.second_text[0]) {
        mine.second = now.tv_sec;
        (void)gmtime_r(&now.tv_sec, &utc);
        (void)strftime(mine.second_text, sizeof mine.second_text, "%Y-%m-%dT%H:%M:%S", &utc);
    }
    return (size_t)snprintf(line, 32, "%s.%03ldZ ", mine.second_text, now.tv_nsec / 1000000);
}

void log_event(enum log_level level, const char *word, const char *fmt, ...)
{
    static const char *const level_names[] = {"error", "warn", "info", "debug"};
    int saved_errno = errno;
    char text[TEXT_BYTES], line[LINE_BYTES];
    va_list args;
    size_t n;

    word_count(word);
    if ((int)level <= atomic_load_explicit(&level_max, memory_order_relaxed)) {
        va_start(args, fmt);
        if (vsnprintf(text, sizeof text, fmt, args) < 0)
            text[0] = '\0';
        va_end(args);
        n = time_write(line);
        n += (size_t)snprintf(line + n, 64, "%s %.*s", level_names[level], WORD_BYTES - 1, word);
        if (text[0])
            line[n++] = ' ';
        n += text_escape(line + n, sizeof line - n - 1, text);
        line[n++] = '\n';
        line_write(level, line, n);
    }
    errno = saved_errno;
}

_Noreturn void must_fail(const char *cond, const char *file, int line)
{
    log_event(LEVEL_ERROR, "bug", "must=\"%s\" at=%s:%d", cond, file, line);
    abort();
}
