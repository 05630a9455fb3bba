/* throttle: slows down whoever guesses. Counts failures per key in a small table of this replica; a full
 * table forgets the oldest. */
#ifndef LOOKIT_THROTTLE_H
#define LOOKIT_THROTTLE_H

#include "types.h"

#define THROTTLE_WINDOW_MS (5 * 60 * 1000)
#define THROTTLE_KEY_MAX 300u /* bytes of a key that count */

struct throttle;
struct throttle *throttle_new(void);
void throttle_free(struct throttle **t);

/* Keys are the same in any case of their ASCII letters. Has key failed max times or more within the window
 * that ends at now_ms? */
bool throttle_is_full(const struct throttle *t, struct span key, uint32_t max, int64_t now_ms);
void throttle_count(struct throttle *t, struct span key, int64_t now_ms);
void throttle_forget(struct throttle *t, struct span key);

#endif
