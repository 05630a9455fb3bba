/* log: one line per event, `event-word key=value …`, on stderr. The only writer of logs.
 *
 * Ids only: never a name, address, token, form field or body. The event word is also a counter. */
#ifndef LOOKIT_LOG_H
#define LOOKIT_LOG_H

#include "types.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

void log_level_set(enum log_level level); /* any thread */

/* log_warn("upload-refused", "upload=%s why=disk-full", id) writes
 *   2026-11-24T17:05:00.123Z warn upload-refused upload=… why=disk-full
 * in one write(2). Control characters and backslashes are escaped; a text over 2 KiB is cut. errno is kept.
 */
void log_event(enum log_level level, const char *word, const char *fmt, ...) PRINTF_LIKE(3, 4);
#define log_error(word, ...) log_event(LEVEL_ERROR, word, __VA_ARGS__)
#define log_warn(word, ...) log_event(LEVEL_WARN, word, __VA_ARGS__)
#define log_info(word, ...) log_event(LEVEL_INFO, word, __VA_ARGS__)
#define log_debug(word, ...) log_event(LEVEL_DEBUG, word, __VA_ARGS__)

/* From now on lines of this thread wait for log_flush, so that one write(2) takes many: for a loop that says
 * something at each turn of its work. At most 4 KiB wait; a warning, an error or a bug takes them along at
 * once. What waits when the process is killed is lost. */
void log_hold(void);
/* What waits is written, and waits no longer; harmless without log_hold. Before the thread sleeps or ends. */
void log_flush(void);

/* How often each word was said since start, whether its level was shown or not (for metrics): calls fn for
 * each, in no order. Any thread. At most 512 words. */
void log_counts(void (*fn)(void *ctx, const char *word, uint64_t n), void *ctx);

/* A bug: says where and aborts. Always on. */
_Noreturn void must_fail(const char *cond, const char *file, int line);
#define MUST(cond) ((cond) ? (void)0 : must_fail(#cond, __FILE__, __LINE__))

#endif
