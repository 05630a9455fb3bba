/* hub_gauge: see the header. */
#include "hub_gauge.h"

#include "errors.h"

#define FIRST_STEP 16u /* step number of 16 us, when counted from 1 us */

static size_t step_of(uint64_t us)
{
    unsigned power = 4;
    size_t step;

    if (us < 16)
        return 0;
    while (power < 63 && us >> (power + 1))
        power++;
    step = power * 4u + (us >> (power - 2) & 3u) - FIRST_STEP;
    return step < GAUGE_STEPS ? step : GAUGE_STEPS - 1;
}

static uint64_t step_end(size_t step)
{
    size_t k = step + FIRST_STEP;

    return (uint64_t)(k % 4 + 5) << (k / 4 - 2);
}

static void time_move(struct gauge *g, int64_t now_ms)
{
    int64_t second = now_ms / 1000, half_minute = now_ms / 30000;

    if (second - g->second >= (int64_t)GAUGE_SECONDS)
        memset(g->per_second, 0, sizeof g->per_second);
    for (int64_t s = g->second + 1; s <= second && s <= g->second + (int64_t)GAUGE_SECONDS; s++)
        g->per_second[(uint64_t)s % GAUGE_SECONDS] = 0;
    g->second = second;
    if (half_minute != g->half_minute) {
        if (half_minute == g->half_minute + 1)
            memcpy(g->recent[1], g->recent[0], sizeof g->recent[1]);
        else
            memset(g->recent[1], 0, sizeof g->recent[1]);
        memset(g->recent[0], 0, sizeof g->recent[0]);
        g->half_minute = half_minute;
    }
}

void gauge_add(struct gauge *g, int64_t now_ms, int err, int64_t us)
{
    time_move(g, now_ms);
    g->by_err[err >= 0 && err < (int)GAUGE_ERRS ? err : ERR_BUG]++;
    g->per_second[(uint64_t)g->second % GAUGE_SECONDS]++;
    if (us < 0)
        return;
    g->steps[step_of((uint64_t)us)]++;
    g->recent[0][step_of((uint64_t)us)]++;
    g->sum_us += (uint64_t)us;
}

double gauge_rate(struct gauge *g, int64_t now_ms)
{
    uint64_t n = 0;

    time_move(g, now_ms);
    for (int64_t s = g->second - 10; s < g->second; s++)
        n += s < 0 ? 0 : g->per_second[(uint64_t)s % GAUGE_SECONDS];
    return (double)n / 10;
}

uint64_t gauge_recent_us(struct gauge *g, int64_t now_ms, unsigned percent)
{
    uint64_t all = 0, seen = 0;

    time_move(g, now_ms);
    for (size_t i = 0; i < GAUGE_STEPS; i++)
        all += g->recent[0][i] + (uint64_t)g->recent[1][i];
    for (size_t i = 0; i < GAUGE_STEPS && all; i++) {
        seen += g->recent[0][i] + (uint64_t)g->recent[1][i];
        if (seen * 100 >= all * percent)
            return step_end(i);
    }
    return 0;
}

uint64_t gauge_count_below(const struct gauge *g, uint64_t us)
{
    uint64_t n = 0;

    for (size_t i = 0; i < GAUGE_STEPS && step_end(i) <= us; i++)
        n += g->steps[i];
    return n;
}

uint64_t gauge_count(const struct gauge *g)
{
    uint64_t n = 0;

    for (size_t i = 0; i < GAUGE_STEPS; i++)
        n += g->steps[i];
    return n;
}
