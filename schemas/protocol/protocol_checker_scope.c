/* protocol_checker_scope: what placeholders may become (sections 5.1 and 5.2 of the language). */
#include "protocol_checker.h"

#include <stdlib.h>

bool step_take(struct checker *c, uint64_t steps)
{
    if (c->budget < steps) {
        c->budget = 0;
        c->is_capped = c->is_spent = true;
        return false;
    }
    c->budget -= steps;
    return true;
}

uint32_t scope_add(struct checker *c, uint32_t around, uint32_t node, bool is_choice)
{
    uint32_t depth = around ? c->scope[around].depth + 1 : 1;

    if (depth > DEPTH_MAX || c->scopes_n > c->nodes_n) {
        c->is_capped = true;
        return around;
    }
    if (c->scopes_n == 0)
        c->scopes_n = 1; /* 0 means none */
    c->scope = room_for(c->scope, c->scopes_n, &c->scopes_room, sizeof *c->scope);
    c->scope[c->scopes_n] = (struct scope){around, node, is_choice, depth};
    return c->scopes_n++;
}

static void value_add(struct checker *c, struct values *v, uint32_t node)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (v->node[i] == node)
            return;
    if (v->n == CANDIDATES_MAX)
        c->is_capped = true;
    else
        v->node[v->n++] = node;
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

/* Does JavaScript read this as a finite number? Decimal and hexadecimal; blanks around it do not matter. */
static bool selector_number(struct span s, double *number)
{
    char text[40];
    size_t digits = 0;
    char *end;

    while (s.n && strchr(" \t\r\n", s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
        s.n--;
    if (s.n == 0 || s.n >= sizeof text)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool is_hex = s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
        if (!is_digit(s.p[i]) && !(is_hex ? strchr("xXabcdefABCDEF", s.p[i]) : strchr("+-.eE", s.p[i])))
            return false;
        digits += is_digit(s.p[i]);
    }
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    *number = strtod(text, &end);
    return digits > 0 && *end == '\0' && *number < 1e300 && *number > -1e300;
}

/* The element that a numeric selector picks: halves round up; 0 when there is none. */
static uint32_t element_pick(const struct checker *c, uint32_t list, double number)
{
    if (number < -0.5 || number + 0.5 >= (double)c->node[list].count)
        return 0;
    return tape_element(c, list, (uint32_t)(number + 0.5));
}

struct selection {
    uint32_t value; /* of the parameter that NAME#SEL or NAME names, 0 when it names none */
    bool has_selector;
    struct span selector;
};

static struct selection selection_of(const struct checker *c, struct span text, uint32_t parameters)
{
    struct selection s = {.value = tape_member(c, parameters, text)};
    const char *hash = text.n ? memchr(text.p, '#', text.n) : NULL;

    if (s.value || !hash)
        return s;
    s.value = tape_member(c, parameters, (struct span){text.p, (size_t)(hash - text.p)});
    s.has_selector = true;
    s.selector = (struct span){hash + 1, text.n - (size_t)(hash + 1 - text.p)};
    return s;
}

/* What the string `node` becomes by one object of parameters. */
static void one_resolve(struct checker *c, uint32_t node, uint32_t parameters, struct values *out)
{
    struct selection s = selection_of(c, c->node[node].text, parameters);
    double number;

    if (!s.value || (s.has_selector && !node_is(c, s.value, JSON_TOKEN_ARRAY_BEGIN))) {
        value_add(c, out, node);
    } else if (!s.has_selector || span_is(s.selector, "PERM")) {
        value_add(c, out, s.value);
    } else if (selector_number(s.selector, &number)) {
        uint32_t element = step_take(c, c->node[s.value].count) ? element_pick(c, s.value, number) : 0;
        if (element)
            value_add(c, out, element);
    } else if (span_is(s.selector, "RAND") || span_is(s.selector, "UNIQ")) {
        for (uint32_t i = s.value + 1; i < c->node[s.value].next && out->n < CANDIDATES_MAX;
             i = c->node[i].next)
            value_add(c, out, i);
    } else {
        value_add(c, out, node);
    }
}

static void scope_resolve(struct checker *c, uint32_t node, const struct scope *s, struct values *out)
{
    if (!node_is(c, node, JSON_TOKEN_STRING)) {
        value_add(c, out, node);
    } else if (!s->is_choice) {
        if (step_take(c, 1))
            one_resolve(c, node, s->node, out);
    } else {
        for (uint32_t set = s->node + 1; set < c->node[s->node].next && step_take(c, 1);
             set = c->node[set].next)
            one_resolve(c, node, set, out);
    }
}

/* A value on its way through the scopes, the outermost first. What a scope puts in was itself written inside
 * the scopes around that one, so it starts again from the outside; `passed` marks the scopes that have had
 * their turn with it. */
struct way {
    uint32_t node, level;
    uint64_t passed;
};

void values_resolve(struct checker *c, uint32_t node, uint32_t scope, struct values *out)
{
    uint32_t chain[DEPTH_MAX], depth = scope ? c->scope[scope].depth : 0, n = 1;
    struct way way[2 * CANDIDATES_MAX] = {{node, 0, 0}};

    for (uint32_t s = scope, level = depth; level--; s = c->scope[s].parent)
        chain[level] = s;
    while (n) {
        struct way now = way[--n];
        struct values then = {.n = 0};
        uint64_t bit = now.level < depth ? (uint64_t)1 << now.level : 0;
        if (!bit || !node_is(c, now.node, JSON_TOKEN_STRING)) {
            value_add(c, out, now.node);
            continue;
        }
        if (now.passed & bit)
            value_add(c, &then, now.node);
        else
            scope_resolve(c, now.node, &c->scope[chain[now.level]], &then);
        for (uint32_t i = 0; i < then.n && n < 2 * CANDIDATES_MAX; i++) {
            bool is_same = then.node[i] == now.node;
            uint64_t passed = (now.passed & ~(bit - 1)) | bit;
            way[n++] = (struct way){then.node[i], is_same ? now.level + 1 : 0, is_same ? now.passed : passed};
        }
        c->is_capped = c->is_capped || n == 2 * CANDIDATES_MAX;
    }
}

/* A value that is no list here may become one by a scope further out. */
static bool may_be_list(struct checker *c, uint32_t value, uint32_t around)
{
    struct values v = {.n = 0};

    values_resolve(c, value, around, &v);
    for (uint32_t i = 0; i < v.n; i++)
        if (node_is(c, v.node[i], JSON_TOKEN_ARRAY_BEGIN))
            return true;
    return v.n == 0;
}

static void selector_check(struct checker *c, uint32_t node, uint32_t parameters, uint32_t around)
{
    struct span text = c->node[node].text;
    struct selection s = selection_of(c, text, parameters);
    struct quote q = quoted(text);
    double number;

    if (!s.value || !s.has_selector)
        return;
    if (!may_be_list(c, s.value, around)) {
        finding_add(c, "E-SELECTOR-NOT-LIST", node,
                    "\"%s\" picks from a list, but that parameter is not a list.", q.text);
    } else if (selector_number(s.selector, &number)) {
        bool is_list = node_is(c, s.value, JSON_TOKEN_ARRAY_BEGIN);
        if (!is_list || !step_take(c, c->node[s.value].count) || element_pick(c, s.value, number))
            return;
        finding_add(c, "W-SELECTOR-RANGE", node,
                    "\"%s\" picks nothing: the list has %u elements, counted from 0.", q.text,
                    c->node[s.value].count);
    } else if (!span_is(s.selector, "RAND") && !span_is(s.selector, "PERM") && !span_is(s.selector, "UNIQ")) {
        finding_add(c, "E-SELECTOR-UNKNOWN", node,
                    "\"%s\": after # there may be a number, RAND, PERM or UNIQ.", q.text);
    }
}

void selectors_check(struct checker *c, uint32_t within, uint32_t scope)
{
    struct scope s = c->scope[scope];

    for (uint32_t i = within; i < c->node[within].next && step_take(c, 1); i++) {
        struct span text = c->node[i].text;
        if (!node_is(c, i, JSON_TOKEN_STRING) || text.n == 0 || !memchr(text.p, '#', text.n))
            continue;
        if (!s.is_choice)
            selector_check(c, i, s.node, s.parent);
        for (uint32_t set = s.node + 1; s.is_choice && set < c->node[s.node].next && step_take(c, 1);
             set = c->node[set].next)
            selector_check(c, i, set, s.parent);
    }
}

/* A parameter on the path that is being followed, and how far its value was read. */
struct trail {
    uint32_t member, cursor;
};

/* The path came back to `member`: it is endless when an object or list lies on the way round. */
static bool is_endless(const struct checker *c, const struct trail *path, uint32_t n, uint32_t member)
{
    while (n--) {
        if (!node_is(c, path[n].member, JSON_TOKEN_STRING))
            return true;
        if (path[n].member == member)
            return false;
    }
    return false;
}

/* Moves the cursor to the next string that names a parameter of the same object, and gives that parameter; 0:
 * no more. */
static uint32_t reference_next(struct checker *c, uint32_t parameters, struct trail *t)
{
    while (t->cursor < c->node[t->member].next) {
        uint32_t at = t->cursor++;
        uint32_t found = node_is(c, at, JSON_TOKEN_STRING) ? tape_member(c, parameters, c->node[at].text) : 0;
        if (found && !(found == t->member && at == t->member))
            return found;
    }
    return 0;
}

/* Follows the parameters from one of them; is_open marks those on the path, is_done those that were left for
 * good. */
static bool cycle_find(struct checker *c, uint32_t parameters, uint32_t first)
{
    struct trail *path = NULL;
    uint32_t n = 0, room = 0;
    bool is_found = false;

    path = room_for(path, n, &room, sizeof *path);
    path[n++] = (struct trail){first, first};
    c->node[first].is_open = true;
    while (n && !is_found) {
        uint32_t to = reference_next(c, parameters, &path[n - 1]);
        if (!to) {
            n--;
            c->node[path[n].member].is_open = false;
            c->node[path[n].member].is_done = true;
        } else if (c->node[to].is_open) {
            is_found = is_endless(c, path, n, to);
        } else if (!c->node[to].is_done) {
            path = room_for(path, n, &room, sizeof *path);
            path[n++] = (struct trail){to, to};
            c->node[to].is_open = true;
        }
    }
    free(path);
    return is_found;
}

void parameters_check(struct checker *c, uint32_t parameters)
{
    if (c->node[parameters].is_done)
        return;
    c->node[parameters].is_done = true;
    for (uint32_t i = parameters + 1; i < c->node[parameters].next; i = c->node[i].next) {
        uint32_t to = node_is(c, i, JSON_TOKEN_STRING) ? tape_member(c, parameters, c->node[i].text) : 0;
        if (to && to != i)
            finding_add(c, "W-PARAMETER-ORDER", i,
                        "This parameter's value is the name of another parameter; which of the two "
                        "is used depends on the order in which they are written.");
    }
    for (uint32_t i = parameters + 1; i < c->node[parameters].next; i = c->node[i].next)
        if (!c->node[i].is_done && cycle_find(c, parameters, i)) {
            finding_add(c, "E-PARAMETER-CYCLE", i,
                        "The parameter \"%s\" contains itself, directly or by way of others.",
                        quoted(c->node[i].key).text);
            return;
        }
}
