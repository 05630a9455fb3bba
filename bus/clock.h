/* clock: the only reader of the machine's clocks. */
#ifndef LOOKIT_CLOCK_H
#define LOOKIT_CLOCK_H

#include "types.h"

int64_t clock_us(void);      /* wall clock, microseconds since 1970 UTC */
int64_t clock_mono_ms(void); /* monotonic, for deadlines */
int64_t clock_mono_us(void); /* monotonic, for measuring */

/* "2026-11-24T17:05:00.123456Z"; out holds at least 32 bytes; returns the length. RFC 3339. */
size_t clock_rfc3339(int64_t us, char out[32]);
/* ERR_MALFORMED unless RFC 3339 with offset or Z (a date alone is midnight UTC). A leap second counts as the
 * next second; digits beyond the microsecond are dropped. */
int clock_parse(struct span text, int64_t *us) MUST_CHECK;
/* "Tue, 24 Nov 2026 17:05:00 GMT" (RFC 9110 5.6.7), at least 32 bytes. */
size_t clock_http(int64_t us, char out[32]);
/* Parses an HTTP date (the preferred format only). */
int clock_http_parse(struct span text, int64_t *us) MUST_CHECK;

/* Tests only: every clock_us() from now on answers this; 0 = the real clock again. */
void clock_freeze(int64_t us);

#endif
