/* hub_gauge: what a service did and how fast, in a few kilobytes: outcomes, rate, latencies. Single thread.
 */
#ifndef LOOKIT_HUB_GAUGE_H
#define LOOKIT_HUB_GAUGE_H

#include "types.h"

#define GAUGE_STEPS 96u   /* four per doubling, from 16 us to 268 s */
#define GAUGE_ERRS 32u    /* ERR_* numbers */
#define GAUGE_SECONDS 16u /* ring; the rate is of the last ten whole ones */

struct gauge {
    uint64_t by_err[GAUGE_ERRS]; /* [0]: answered; a number too big counts as ERR_BUG */
    uint64_t late_replies;       /* came when nobody waited any more, dropped */
    uint64_t events_dropped;     /* queue full */
    uint64_t steps[GAUGE_STEPS]; /* since start */
    uint64_t sum_us;
    uint32_t recent[2][GAUGE_STEPS]; /* this half minute and the one before */
    int64_t half_minute;
    uint32_t per_second[GAUGE_SECONDS];
    int64_t second;
};

/* Something ended with err after us microseconds (negative: refused at once, no latency). */
void gauge_add(struct gauge *g, int64_t now_ms, int err, int64_t us);

double gauge_rate(struct gauge *g, int64_t now_ms); /* endings per second */
uint64_t gauge_recent_us(struct gauge *g, int64_t now_ms,
                         unsigned percent); /* upper edge of the step; 0: nothing lately */
uint64_t gauge_count_below(const struct gauge *g,
                           uint64_t us); /* since start, us a power of two from 32 on */
uint64_t gauge_count(const struct gauge *g);

#endif
