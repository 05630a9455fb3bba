/* protocol_checker_tape: the text as a flat row of nodes, and a table from (object, name) to member. */
#include "errors.h"
#include "protocol_checker.h"

#include <stdlib.h>

void *room_for(void *array, uint32_t n, uint32_t *room, size_t item_bytes)
{
    if (n < *room)
        return array;
    *room = *room ? *room * 2 : 256;
    array = realloc(array, *room * item_bytes);
    if (!array)
        abort();
    return array;
}

/* Mixes eight bytes at a time; seeded with a digest of the whole text, so that no text can aim its names at
 * one slot. */
static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t digest(uint64_t seed, struct span s)
{
    uint64_t h = mix(seed, s.n);
    size_t at = 0;

    for (uint64_t v; s.n - at >= 8; at += 8) {
        memcpy(&v, s.p + at, 8);
        h = mix(h, v);
    }
    for (; at < s.n; at++)
        h = mix(h, (unsigned char)s.p[at]);
    return mix(h, h >> 32);
}

/* The slot of this member, or the empty one where it belongs. Most other members are passed by without a look
 * at them. */
static uint32_t slot_find(const struct checker *c, uint32_t object, struct span key, uint32_t *mark)
{
    uint64_t h = digest(c->seed ^ object, key);
    uint32_t at = (uint32_t)h & (c->slots_n - 1);

    *mark = (uint32_t)(h >> 32);
    for (; c->slot[at].node; at = (at + 1) & (c->slots_n - 1)) {
        const struct node *n = &c->node[c->slot[at].node];
        if (c->slot[at].mark == *mark && n->parent == object && span_same(n->key, key))
            break;
    }
    return at;
}

static void table_build(struct checker *c)
{
    c->slots_n = 16;
    while (c->slots_n < c->nodes_n * 2)
        c->slots_n *= 2;
    c->slot = calloc(c->slots_n, sizeof *c->slot);
    if (!c->slot)
        abort();
    for (uint32_t i = 1; i < c->nodes_n; i++) {
        uint32_t at, mark;
        if (!c->node[i].key.p)
            continue;
        at = slot_find(c, c->node[i].parent, c->node[i].key, &mark);
        if (c->slot[at].node)
            c->node[c->slot[at].node].is_shadowed = true;
        c->slot[at] = (struct slot){i, mark};
    }
}

/* A string's value: the text itself, or its unescaped copy. */
static struct span plain_text(struct checker *c, const struct json_token *t)
{
    struct span s = {c->plain + c->plain_n, 0};

    if (!t->has_escapes)
        return t->text;
    if (json_string_unescape(t->text, c->plain + c->plain_n, c->text.n - c->plain_n, &s.n))
        abort(); /* all strings together are no longer than the text */
    c->plain_n += s.n;
    return s;
}

struct builder {
    uint32_t open[DEPTH_MAX]; /* containers around the next node */
    uint32_t depth;
    struct span key;
    uint32_t key_at;
};

static void node_add(struct checker *c, struct builder *b, const struct json_token *t)
{
    uint32_t i = c->nodes_n;
    struct node *n;

    c->node = room_for(c->node, i, &c->nodes_room, sizeof *c->node);
    c->nodes_n++;
    n = &c->node[i];
    *n = (struct node){.key = b->key, .key_at = b->key_at, .at = (uint32_t)t->at, .end = (uint32_t)t->end};
    n->type = t->type;
    n->text = t->type == JSON_TOKEN_STRING ? plain_text(c, t) : t->text;
    n->next = i + 1;
    if (b->depth) {
        n->parent = b->open[b->depth - 1];
        n->position = c->node[n->parent].count++;
    }
    b->key = (struct span){NULL, 0};
    if (t->type == JSON_TOKEN_OBJECT_BEGIN || t->type == JSON_TOKEN_ARRAY_BEGIN)
        b->open[b->depth++] = i;
}

int tape_read(struct checker *c, struct json_error *err)
{
    struct json_limits limits = {
        .depth_max = DEPTH_MAX, .values_max = PROTOCOL_VALUES_MAX, .bytes_max = PROTOCOL_BYTES_MAX};
    struct builder b = {.depth = 0};
    struct json_reader r;
    struct json_token t;
    int rc;

    json_reader_init(&r, c->text, &limits);
    if (c->text.n <= PROTOCOL_BYTES_MAX) {
        c->seed = digest(c->text.n, c->text);
        c->plain = malloc(c->text.n + 1);
        if (!c->plain)
            abort();
    }
    while ((rc = json_reader_next(&r, &t)) == 0 && t.type != JSON_TOKEN_END) {
        if (t.type == JSON_TOKEN_KEY) {
            b.key = plain_text(c, &t);
            b.key_at = (uint32_t)t.at;
        } else if (t.type == JSON_TOKEN_OBJECT_END || t.type == JSON_TOKEN_ARRAY_END) {
            struct node *n = &c->node[b.open[--b.depth]];
            n->next = c->nodes_n;
            n->end = (uint32_t)t.end;
        } else {
            node_add(c, &b, &t);
        }
    }
    *err = json_reader_error(&r);
    if (rc == 0)
        table_build(c);
    return rc;
}

uint32_t tape_member(const struct checker *c, uint32_t object, struct span key)
{
    uint32_t mark;

    return node_is(c, object, JSON_TOKEN_OBJECT_BEGIN) ? c->slot[slot_find(c, object, key, &mark)].node : 0;
}

uint32_t tape_get(const struct checker *c, uint32_t object, const char *key)
{
    return tape_member(c, object, span_of(key));
}

uint32_t tape_element(const struct checker *c, uint32_t array, uint32_t position)
{
    uint32_t at = array + 1;

    if (!node_is(c, array, JSON_TOKEN_ARRAY_BEGIN) || position >= c->node[array].count)
        return 0;
    while (position--)
        at = c->node[at].next;
    return at;
}

bool node_is(const struct checker *c, uint32_t node, enum json_token_type type)
{
    return c->node[node].type == type;
}

bool node_number(const struct checker *c, uint32_t node, double *number)
{
    char text[64];
    struct span s = c->node[node].text;

    if (!node_is(c, node, JSON_TOKEN_NUMBER))
        return false;
    if (s.n >= sizeof text)
        s.n = sizeof text - 1; /* more digits than a double holds */
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    *number = strtod(text, NULL);
    return true;
}

bool node_is_falsy(const struct checker *c, uint32_t node)
{
    double number = 1;

    return node_is(c, node, JSON_TOKEN_FALSE) || node_is(c, node, JSON_TOKEN_NULL) ||
           (node_is(c, node, JSON_TOKEN_STRING) && c->node[node].text.n == 0) ||
           (node_number(c, node, &number) && !(number < 0) && !(number > 0));
}
