/* arena: see the header. A chain of blocks; the newest is filled from its start. Big pieces get a block of
 * their own behind the newest, so that its rest is not lost. Under AddressSanitizer every piece is a block of
 * its own, so that an overflow from one piece into the next is seen. */
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define EACH_PIECE_ALONE 1
#else
#define EACH_PIECE_ALONE 0
#endif

#define BLOCK_BYTES ((size_t)16 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
    struct block *older;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

struct deferred {
    struct deferred *earlier;
    void (*fn)(void *what);
    void *what;
};

struct arena {
    struct block *newest;
    struct block *first; /* kept by reset */
    struct deferred *deferred;
};

static struct block *block_new(size_t size)
{
    struct block *b = malloc(sizeof *b + size);

    MUST(b && "memory");
    *b = (struct block){.size = size};
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);

    MUST(a && "memory");
    a->first = a->newest = block_new(BLOCK_BYTES);
    return a;
}

void arena_reset(struct arena *a)
{
    while (a->deferred) {
        struct deferred d = *a->deferred; /* its memory lives in this arena too */
        a->deferred = d.earlier;
        d.fn(d.what);
    }
    for (struct block *b = a->newest, *older; b; b = older) {
        older = b->older;
        if (b != a->first)
            free(b);
    }
    a->newest = a->first;
    a->first->older = NULL;
    a->first->used = 0;
}

void arena_free(struct arena **a)
{
    if (!*a)
        return;
    arena_reset(*a);
    free((*a)->first);
    free(*a);
    *a = NULL;
}

void *arena_room(struct arena *a, size_t n)
{
    struct block *b = a->newest;
    size_t room;

    MUST(n <= SIZE_MAX / 4);
    room = EACH_PIECE_ALONE ? n : (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (EACH_PIECE_ALONE || room > BLOCK_BYTES / 4) {
        struct block *own = block_new(room);
        own->older = b->older;
        b->older = own;
        b = own;
    } else if (b->size - b->used < room) {
        b = block_new(BLOCK_BYTES);
        b->older = a->newest;
        a->newest = b;
    }
    b->used += room;
    return b->bytes + b->used - room;
}

void *arena_get(struct arena *a, size_t n)
{
    return memset(arena_room(a, n), 0, n);
}

struct span arena_copy(struct arena *a, struct span s)
{
    char *p = arena_room(a, s.n + 1);

    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return (struct span){p, s.n};
}

static struct span arena_vprint(struct arena *a, const char *fmt, va_list args)
{
    va_list again;
    char *p;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    MUST(n >= 0);
    p = arena_room(a, (size_t)n + 1);
    (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (struct span){p, (size_t)n};
}

struct span arena_print(struct arena *a, const char *fmt, ...)
{
    struct span s;
    va_list args;

    va_start(args, fmt);
    s = arena_vprint(a, fmt, args);
    va_end(args);
    return s;
}

void arena_defer(struct arena *a, void (*fn)(void *what), void *what)
{
    struct deferred *d = arena_get(a, sizeof *d);

    *d = (struct deferred){a->deferred, fn, what};
    a->deferred = d;
}

void text_add(struct arena *a, struct text *t, struct span s)
{
    if (t->cap - t->n < s.n) {
        size_t cap = t->cap ? t->cap : 128;
        char *p;
        MUST(s.n <= SIZE_MAX / 8 && t->n <= SIZE_MAX / 8);
        while (cap - t->n < s.n)
            cap *= 2;
        p = arena_room(a, cap);
        if (t->n)
            memcpy(p, t->p, t->n);
        t->p = p;
        t->cap = cap;
    }
    if (s.n)
        memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
}

void text_print(struct arena *a, struct text *t, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    text_add(a, t, arena_vprint(a, fmt, args));
    va_end(args);
}
