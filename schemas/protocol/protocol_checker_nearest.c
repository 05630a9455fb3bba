/* protocol_checker_nearest: the word that was probably meant (optimal string alignment distance). */
#include "protocol_checker.h"

#include <stdio.h>

#define WORD_MAX 63u

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t word_distance(struct span a, struct span b)
{
    size_t row[3][WORD_MAX + 1];
    size_t an = least(a.n, WORD_MAX), bn = least(b.n, WORD_MAX);
    size_t *two = row[0], *one = row[1], *now = row[2];

    for (size_t j = 0; j <= bn; j++)
        one[j] = two[j] = j;
    for (size_t i = 1; i <= an; i++) {
        size_t *spare = two;
        now[0] = i;
        for (size_t j = 1; j <= bn; j++) {
            size_t change = one[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            now[j] = least(least(one[j] + 1, now[j - 1] + 1), change);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = least(now[j], two[j - 2] + 1);
        }
        two = one;
        one = now;
        now = spare;
    }
    return one[bn] + (a.n > WORD_MAX) + (b.n > WORD_MAX);
}

/* Longer distances are no slips of the pen. */
static size_t distance_max(struct span word)
{
    return 1 + word.n / 4;
}

struct nearest nearest_start(struct checker *c, struct span word, size_t candidates)
{
    struct nearest n = {{NULL, 0}, {NULL, 0}, 0};

    if (c->hints_left >= candidates) {
        c->hints_left -= (uint32_t)candidates;
        n.word = word;
    }
    return n;
}

void nearest_try_span(struct nearest *n, struct span candidate)
{
    size_t gap = n->word.n > candidate.n ? n->word.n - candidate.n : candidate.n - n->word.n, distance;

    if (!n->word.p || gap > distance_max(n->word))
        return;
    distance = word_distance(n->word, candidate);
    if (!n->best.p || distance < n->distance) {
        n->best = candidate;
        n->distance = distance;
    }
}

void nearest_try(struct nearest *n, const char *candidate)
{
    nearest_try_span(n, span_of(candidate));
}

struct hint nearest_hint(const struct nearest *n)
{
    struct hint h = {""};

    if (n->best.p && n->distance <= distance_max(n->word))
        (void)snprintf(h.text, sizeof h.text, " Did you mean %s?", quoted(n->best).text);
    return h;
}
