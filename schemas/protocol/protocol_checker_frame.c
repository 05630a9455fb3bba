/* protocol_checker_frame: one frame after the other: its kind, its id, what it holds. Members of groups and
 * randomizers are put on a list of work, so nothing calls itself. */
#include "protocol_checker.h"

enum kind_state { CURRENT, REMOVED, INTERNAL };

static const struct kind_name {
    const char *name;
    enum kind_state state;
    const char *instead;
} kind_names[] = {
#define KIND(name, state, instead) {name, state, instead},
#include "kinds.def"
#undef KIND
};

#define KINDS_N (sizeof kind_names / sizeof *kind_names)

void work_push(struct checker *c, const struct work *w)
{
    if (w->depth >= DEPTH_MAX || c->work_n > c->nodes_n) {
        c->is_capped = true;
        return;
    }
    c->work = room_for(c->work, c->work_n, &c->work_room, sizeof *c->work);
    c->work[c->work_n++] = *w;
}

uint32_t work_raw(const struct checker *c, const struct work *w, const char *key)
{
    uint32_t found = tape_get(c, w->own, key);

    return found || !w->common ? found : tape_get(c, w->common, key);
}

void work_values(struct checker *c, const struct work *w, const char *key, struct values *out)
{
    uint32_t found = work_raw(c, w, key);

    if (found)
        values_resolve(c, found, w->scope, out);
    if (!w->ordered)
        return;
    for (uint32_t i = w->ordered + 1; i < c->node[w->ordered].next && step_take(c, 1); i = c->node[i].next) {
        uint32_t more = tape_get(c, i, key);
        if (more)
            values_resolve(c, more, w->scope, out);
    }
}

void member_push(struct checker *c, const struct work *w, uint32_t node, const struct members *m)
{
    struct values v = {.n = 0};

    values_resolve(c, node, m->scope, &v);
    for (uint32_t i = 0; i < v.n; i++) {
        struct work member = {
            .own = v.node[i], .common = m->common, .ordered = m->ordered, .scope = m->scope};
        member.definition = w->definition;
        member.naming = w->naming == ANONYMOUS ? ANONYMOUS : m->naming;
        member.depth = (uint8_t)(w->depth + 1);
        member.is_nested = true;
        if (node_is(c, v.node[i], JSON_TOKEN_OBJECT_BEGIN))
            work_push(c, &member);
        else
            finding_add(c, "E-FRAME-TYPE", v.node[i], "A frame must be an object in braces { }.");
    }
}

void members_push(struct checker *c, const struct work *w, uint32_t list, const struct members *m)
{
    for (uint32_t i = list + 1; i < c->node[list].next && step_take(c, 1); i = c->node[i].next)
        member_push(c, w, i, m);
}

uint32_t work_common(struct checker *c, const struct work *w)
{
    struct values v = {.n = 0};

    work_values(c, w, "commonFrameProperties", &v);
    for (uint32_t i = 0; i < v.n; i++) {
        if (node_is(c, v.node[i], JSON_TOKEN_OBJECT_BEGIN))
            return v.node[i];
        if (!node_is_falsy(c, v.node[i]))
            finding_add(c, "E-COMMON-TYPE", v.node[i],
                        "\"commonFrameProperties\" must be an object in braces { }.");
    }
    return 0;
}

static void group_check(struct checker *c, const struct work *w)
{
    static const char *const known[] = {"frameList", "commonFrameProperties", NULL};
    struct members m = {.common = work_common(c, w), .scope = w->scope, .naming = ANONYMOUS};
    struct values lists = {.n = 0};

    work_values(c, w, "frameList", &lists);
    if (lists.n == 0)
        finding_add(c, "E-GROUP-FRAMELIST", w->own,
                    "A group needs a list named \"frameList\" with its frames.");
    for (uint32_t i = 0; i < lists.n; i++) {
        if (node_is(c, lists.node[i], JSON_TOKEN_ARRAY_BEGIN))
            members_push(c, w, lists.node[i], &m);
        else
            finding_add(c, "E-GROUP-FRAMELIST", lists.node[i],
                        "\"frameList\" must be a list in brackets [ ].");
    }
    structure_keys_check(c, w, known);
}

static bool is_id_char(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '-' ||
           ch == '.' || ch == ' ';
}

/* Does it end in -repeat- and digits? With is_numbered, digits will follow it anyway. */
static bool is_reserved(struct span id, bool is_numbered)
{
    static const char word[] = "-repeat-";
    size_t n = id.n, length = sizeof word - 1;

    if (is_numbered)
        return n >= length - 1 && memcmp(id.p + n - (length - 1), word, length - 1) == 0;
    while (n && id.p[n - 1] >= '0' && id.p[n - 1] <= '9')
        n--;
    return n < id.n && n >= length && memcmp(id.p + n - length, word, length) == 0;
}

static void id_text_check(struct checker *c, uint32_t node, struct span id, bool is_key, bool is_numbered)
{
    struct quote q = quoted(id);

    for (size_t i = 0; i < id.n; i++)
        if (!is_id_char(id.p[i])) {
            if (is_key)
                finding_add_key(c, "E-ID-CHARS", node,
                                "The frame name \"%s\" may hold only letters, digits, dashes, dots and "
                                "spaces.",
                                q.text);
            else
                finding_add(c, "E-ID-CHARS", node,
                            "The id \"%s\" may hold only letters, digits, dashes, dots and spaces.", q.text);
            return;
        }
    if (is_reserved(id, is_numbered))
        finding_add(c, "E-ID-RESERVED", node,
                    "The name \"%s\" ends like that of a repeated visit (-repeat- and a number); please "
                    "choose another.",
                    q.text);
}

static void id_check(struct checker *c, const struct work *w)
{
    struct values ids = {.n = 0};
    bool is_named = false;

    work_values(c, w, "id", &ids);
    for (uint32_t i = 0; i < ids.n; i++) {
        uint32_t node = ids.node[i];
        if (node_is_falsy(c, node))
            continue;
        is_named = true;
        if (!node_is(c, node, JSON_TOKEN_STRING))
            finding_add(c, "E-ID-TYPE", node, "\"id\" must be text in double quotes.");
        else
            id_text_check(c, node, c->node[node].text, false, false);
    }
    if (is_named)
        return;
    if (w->naming == ANONYMOUS) {
        finding_add(
            c, "W-ANONYMOUS-GROUP-MEMBER", w->own,
            "This frame in a group has no \"id\", so its data will be saved under the name \"null\".");
    } else if (!c->node[w->definition].is_named) {
        c->node[w->definition].is_named = true;
        id_text_check(c, w->definition, c->node[w->definition].key, true, w->naming == SELECTED);
    }
}

static const struct frame_kind *kind_shown(struct span kind)
{
    for (size_t i = 0; i < frame_kinds_n; i++)
        if (span_is(kind, frame_kinds[i].kind))
            return &frame_kinds[i];
    return NULL;
}

/* A kind that looks like one and that this player does not show. */
static void kind_refuse(struct checker *c, uint32_t node, struct span kind)
{
    struct nearest n = nearest_start(c, kind, KINDS_N);

    for (size_t i = 0; i < KINDS_N; i++) {
        const struct kind_name *k = &kind_names[i];
        if (k->state == CURRENT)
            nearest_try(&n, k->name);
        if (!span_is(kind, k->name))
            continue;
        if (k->state == REMOVED)
            finding_add(c, "E-FRAME-KIND-REMOVED", node,
                        "The kind %s was removed from the language; please use %s.", k->name, k->instead);
        else if (k->state == CURRENT)
            finding_add(c, "E-FRAME-KIND-NOT-YET", node,
                        "The kind %s exists, but this version of the player cannot show it yet.", k->name);
        else
            finding_add(c, "E-FRAME-KIND-UNAVAILABLE", node,
                        "%s is a part of the player, not a kind of frame.", k->name);
        return;
    }
    finding_add(c, "E-FRAME-KIND-UNAVAILABLE", node, "There is no kind of frame named \"%s\".%s",
                quoted(kind).text, nearest_hint(&n).text);
}

static bool is_true(struct checker *c, const struct work *w, const char *key)
{
    struct values v = {.n = 0};

    work_values(c, w, key, &v);
    for (uint32_t i = 0; i < v.n; i++)
        if (!node_is_falsy(c, v.node[i]))
            return true;
    return false;
}

static void plain_check(struct checker *c, const struct work *w, uint32_t node)
{
    struct span kind = c->node[node].text;
    const struct frame_kind *shown = kind_shown(kind);

    if (span_is(kind, "exp-video-config"))
        c->has_config = true;
    if (span_is(kind, "exp-lookit-video-consent"))
        c->has_consent = true;
    if (!c->starts && (span_is(kind, "exp-lookit-start-recording") || is_true(c, w, "startSessionRecording")))
        c->starts = w->own;
    if (!c->stops && (span_is(kind, "exp-lookit-stop-recording") || is_true(c, w, "endSessionRecording")))
        c->stops = w->own;
    id_check(c, w);
    common_check(c, w);
    if (shown)
        params_check(c, w, shown);
    else
        kind_refuse(c, node, kind);
}

/* exp, then one dash and letters, digits or underscores, as often as wanted. */
static bool is_plain_kind(struct span kind)
{
    bool is_after_dash = false;

    if (kind.n < 5 || memcmp(kind.p, "exp-", 4) != 0)
        return false;
    for (size_t i = 3; i < kind.n; i++) {
        char ch = kind.p[i];
        if (ch == '-' && is_after_dash)
            return false;
        if (ch != '-' && ch != '_' && (!is_id_char(ch) || ch == '.' || ch == ' '))
            return false;
        is_after_dash = ch == '-';
    }
    return !is_after_dash;
}

static void kind_unknown(struct checker *c, uint32_t node)
{
    struct nearest n = nearest_start(c, c->node[node].text, KINDS_N);

    if (!node_is(c, node, JSON_TOKEN_STRING)) {
        finding_add(c, "E-KIND-UNKNOWN", node, "\"kind\" must be text in double quotes.");
        return;
    }
    nearest_try(&n, "group");
    nearest_try(&n, "choice");
    for (size_t i = 0; i < KINDS_N; i++)
        if (kind_names[i].state == CURRENT)
            nearest_try(&n, kind_names[i].name);
    finding_add(c, "E-KIND-UNKNOWN", node,
                "\"%s\" is no kind of frame: those begin with exp-, or are group or choice.%s",
                quoted(c->node[node].text).text, nearest_hint(&n).text);
}

/* The frame's own parameters become a scope around everything in it. */
static void parameters_enter(struct checker *c, struct work *w)
{
    uint32_t parameters = work_raw(c, w, "parameters");

    if (!parameters || node_is_falsy(c, parameters))
        return;
    if (!node_is(c, parameters, JSON_TOKEN_OBJECT_BEGIN)) {
        finding_add(c, "E-PARAMETERS-TYPE", parameters,
                    "\"parameters\" must be an object in braces { }: names and their values.");
        return;
    }
    parameters_check(c, parameters);
    w->scope = scope_add(c, w->scope, parameters, false);
    selectors_check(c, w->own, w->scope);
    if (w->common)
        selectors_check(c, w->common, w->scope);
}

static void frame_check(struct checker *c, struct work w)
{
    struct values kinds = {.n = 0};

    parameters_enter(c, &w);
    work_values(c, &w, "kind", &kinds);
    if (kinds.n == 0)
        finding_add(c, "E-KIND-MISSING", w.own, "This frame does not say its \"kind\".");
    for (uint32_t i = 0; i < kinds.n; i++) {
        uint32_t node = kinds.node[i];
        bool is_text = node_is(c, node, JSON_TOKEN_STRING);
        if (is_text && span_is(c->node[node].text, "group"))
            group_check(c, &w);
        else if (is_text && span_is(c->node[node].text, "choice"))
            choice_check(c, &w);
        else if (is_text && is_plain_kind(c->node[node].text))
            plain_check(c, &w, node);
        else
            kind_unknown(c, node);
    }
}

void frames_run(struct checker *c)
{
    while (c->work_n && step_take(c, 1))
        frame_check(c, c->work[--c->work_n]);
}
