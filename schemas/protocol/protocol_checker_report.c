/* protocol_checker_report: findings, their places and paths. */
#include "protocol_checker.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct quote quoted(struct span s)
{
    struct quote q = {""};
    size_t n = 0, at = 0;

    while (at < s.n && n < 56) {
        size_t length = utf8_length((const unsigned char *)s.p + at, s.n - at);
        if (length == 0 || n + length > 56)
            break;
        memcpy(q.text + n, s.p + at, length);
        if ((unsigned char)q.text[n] < 0x20 || q.text[n] == 0x7f)
            q.text[n] = ' ';
        n += length;
        at += length;
    }
    if (at < s.n) {
        memcpy(q.text + n, "\xe2\x80\xa6", 3);
        n += 3;
    }
    q.text[n] = '\0';
    return q;
}

/* Appends one step of a JSON pointer; whole characters only. */
static void step_put(char *path, size_t room, size_t *n, const struct node *node)
{
    char number[16];
    struct span s = node->key;

    if (!s.p) {
        int length = snprintf(number, sizeof number, "%u", node->position);
        s = (struct span){number, (size_t)length};
    }
    if (*n + 1 >= room)
        return;
    path[(*n)++] = '/';
    for (size_t at = 0, length; at < s.n; at += length) {
        const char *piece = s.p[at] == '~' ? "~0" : s.p[at] == '/' ? "~1" : s.p + at;
        size_t bytes;
        length = utf8_length((const unsigned char *)s.p + at, s.n - at);
        bytes = piece == s.p + at ? length : 2;
        if (length == 0 || *n + bytes >= room)
            return;
        memcpy(path + *n, piece, bytes);
        *n += bytes;
    }
}

static void path_put(const struct checker *c, uint32_t node, char *path, size_t room)
{
    uint32_t step[DEPTH_MAX + 1];
    size_t steps = 0, n = 0;

    while (node != 0 && steps < sizeof step / sizeof *step) {
        step[steps++] = node;
        node = c->node[node].parent;
    }
    while (steps)
        step_put(path, room, &n, &c->node[step[--steps]]);
    path[n] = '\0';
}

/* A place in the report, or NULL when it is full: an error then takes the place of the last warning. */
static struct protocol_finding *finding_place(struct protocol_report *r, enum protocol_severity severity)
{
    if (severity == PROTOCOL_ERROR)
        r->errors++;
    else
        r->warnings++;
    if (r->n < PROTOCOL_FINDINGS_MAX)
        return &r->finding[r->n++];
    for (size_t i = r->n; severity == PROTOCOL_ERROR && i-- > 0;)
        if (r->finding[i].severity == PROTOCOL_WARNING)
            return &r->finding[i];
    return NULL;
}

/* The same may be found twice, by way of common properties or placeholders. */
static bool is_known(const struct protocol_report *r, const char *code, size_t at, const char *sentence)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->finding[i].at == at && strcmp(r->finding[i].code, code) == 0 &&
            strcmp(r->finding[i].sentence, sentence) == 0)
            return true;
    return false;
}

static void finding_write(struct checker *c, const char *code, uint32_t node, size_t at, const char *format,
                          va_list args)
{
    enum protocol_severity severity = code[0] == 'E' ? PROTOCOL_ERROR : PROTOCOL_WARNING;
    char sentence[sizeof c->report->finding[0].sentence];
    struct protocol_finding *f;

    (void)vsnprintf(sentence, sizeof sentence, format, args);
    if (c->is_spent || is_known(c->report, code, at, sentence))
        return;
    f = finding_place(c->report, severity);
    if (!f)
        return;
    *f = (struct protocol_finding){.code = code, .severity = severity, .at = at};
    path_put(c, node, f->path, sizeof f->path);
    memcpy(f->sentence, sentence, sizeof sentence);
}

void finding_add(struct checker *c, const char *code, uint32_t node, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finding_write(c, code, node, c->node[node].at, format, args);
    va_end(args);
}

void finding_add_key(struct checker *c, const char *code, uint32_t node, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finding_write(c, code, node, c->node[node].key.p ? c->node[node].key_at : c->node[node].at, format, args);
    va_end(args);
}

void report_syntax(struct checker *c, struct json_error err, bool is_bound)
{
    struct protocol_finding *f = finding_place(c->report, PROTOCOL_ERROR);

    if (!f)
        return;
    *f = (struct protocol_finding){.code = is_bound ? "E-TOO-BIG" : "E-JSON-SYNTAX", .at = err.place.at};
    (void)snprintf(f->sentence, sizeof f->sentence, "This is not valid JSON: %s.", json_why_text(err.why));
    if (is_bound)
        (void)snprintf(f->sentence, sizeof f->sentence, "This protocol is too big: %s.",
                       json_why_text(err.why));
}

static int finding_order(const void *a, const void *b)
{
    const struct protocol_finding *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return strcmp(x->code, y->code) ? strcmp(x->code, y->code) : strcmp(x->sentence, y->sentence);
}

void report_sort(struct checker *c)
{
    struct protocol_report *r = c->report;
    struct json_place place = {0, 1, 1};

    qsort(r->finding, r->n, sizeof *r->finding, finding_order);
    for (size_t i = 0; i < r->n; i++) {
        json_place_move(c->text, &place, r->finding[i].at);
        r->finding[i].line = place.line;
        r->finding[i].column = place.column;
    }
}
