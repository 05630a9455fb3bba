/* arena: memory that lives as long as one call, and is never freed piece by piece. */
#ifndef LOOKIT_ARENA_H
#define LOOKIT_ARENA_H

#include "types.h"

struct arena;

/* Heap; out of memory aborts (house rule). */
struct arena *arena_new(void);
void arena_free(struct arena **a);

/* Forgets everything handed out; keeps the first block. Runs the cleanups, last registered first. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type, valid until reset. */
void *arena_get(struct arena *a, size_t n);

/* The same, but what lies there is anything: for bytes that are written before they are read. */
void *arena_room(struct arena *a, size_t n);

/* Copies; the copy is terminated with a 0 byte that n does not count. */
struct span arena_copy(struct arena *a, struct span s);

/* printf into the arena, terminated. */
struct span arena_print(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* fn(what) at the next reset: for what an outside library allocated. */
void arena_defer(struct arena *a, void (*fn)(void *what), void *what);

/* Growable text or bytes in an arena: start with {0}. */
struct text {
    char *p;
    size_t n;
    size_t cap;
};
void text_add(struct arena *a, struct text *t, struct span s);
void text_print(struct arena *a, struct text *t, const char *fmt, ...) PRINTF_LIKE(3, 4);
static inline struct span text_span(const struct text *t)
{
    return (struct span){t->p, t->n};
}

#endif
