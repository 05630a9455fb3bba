/* protocol_checker: the whole protocol: root, sequence, and every frame that it reaches. */
#include "protocol_checker.h"
#include "errors.h"

#include <stdlib.h>

#define HINTS_MAX 50000u  /* comparisons of words */
#define STEPS_MIN 500000u /* budget of even the smallest protocol */
#define STEPS_PER_VALUE 24u

static void duplicates_check(struct checker *c)
{
    for (uint32_t i = 1; i < c->nodes_n; i++)
        if (c->node[i].is_shadowed)
            finding_add_key(c, "W-DUPLICATE-KEY", i,
                            "\"%s\" is written again further on; only the last one counts.",
                            quoted(c->node[i].key).text);
}

/* Finds frames and sequence; says so when there are none. */
static void root_check(struct checker *c)
{
    uint32_t frames, sequence;

    if (!node_is(c, 0, JSON_TOKEN_OBJECT_BEGIN)) {
        finding_add(c, "E-ROOT-TYPE", 0,
                    "A protocol is an object in braces { } with \"frames\" and \"sequence\".");
        return;
    }
    frames = tape_get(c, 0, "frames");
    sequence = tape_get(c, 0, "sequence");
    if (!sequence)
        finding_add(c, "E-SEQUENCE-MISSING", 0,
                    "The protocol needs a list named \"sequence\": the names of frames in their order.");
    else if (!node_is(c, sequence, JSON_TOKEN_ARRAY_BEGIN))
        finding_add(c, "E-SEQUENCE-TYPE", sequence, "\"sequence\" must be a list in brackets [ ].");
    else
        c->sequence = sequence;
    if (frames && !node_is(c, frames, JSON_TOKEN_OBJECT_BEGIN))
        finding_add(c, "E-FRAMES-TYPE", frames, "\"frames\" must be an object in braces { }.");
    else if (frames)
        c->frames = frames;
    else if (c->sequence && c->node[c->sequence].count)
        finding_add(c, "E-FRAMES-MISSING", 0,
                    "The protocol needs an object named \"frames\" with the frames that the sequence names.");
}

static void undefined_say(struct checker *c, uint32_t entry)
{
    struct span name = c->node[entry].text;
    struct nearest n = nearest_start(c, name, c->node[c->frames].count);

    for (uint32_t i = c->frames + 1; n.word.p && i < c->node[c->frames].next; i = c->node[i].next)
        nearest_try_span(&n, c->node[i].key);
    finding_add(c, "E-SEQUENCE-UNDEFINED-FRAME", entry, "No frame is named \"%s\".%s", quoted(name).text,
                nearest_hint(&n).text);
}

/* Each frame that the sequence names is looked at once. */
static void sequence_check(struct checker *c)
{
    for (uint32_t i = c->sequence + 1; i < c->node[c->sequence].next; i = c->node[i].next) {
        uint32_t frame;
        if (!node_is(c, i, JSON_TOKEN_STRING)) {
            finding_add(c, "E-SEQUENCE-ITEM-TYPE", i,
                        "Each entry of the sequence must be the name of a frame, in double quotes.");
            continue;
        }
        if (!c->frames)
            continue;
        frame = tape_member(c, c->frames, c->node[i].text);
        if (!frame) {
            undefined_say(c, i);
        } else if (!c->node[frame].is_done) {
            c->node[frame].is_done = true;
            if (node_is(c, frame, JSON_TOKEN_OBJECT_BEGIN))
                work_push(c, &(struct work){.own = frame, .definition = frame, .naming = NAMED});
            else
                finding_add(c, "E-FRAME-TYPE", frame, "A frame must be an object in braces { }.");
        }
    }
    frames_run(c);
    c->is_spent = false;
}

static void unused_check(struct checker *c)
{
    for (uint32_t i = c->frames + 1; i < c->node[c->frames].next; i = c->node[i].next)
        if (!c->node[i].is_done && !c->node[i].is_shadowed)
            finding_add_key(c, "W-UNUSED-FRAME", i, "The sequence does not use this frame.");
}

/* The frame that comes last, as far as the text alone says; 0 when it does not. */
static uint32_t last_frame(const struct checker *c)
{
    uint32_t count = c->node[c->sequence].count;
    uint32_t entry = tape_element(c, c->sequence, count - 1);
    uint32_t frame = count && c->frames ? tape_member(c, c->frames, c->node[entry].text) : 0;

    for (uint32_t depth = 0; frame && depth < DEPTH_MAX; depth++) {
        uint32_t list = tape_get(c, frame, "frameList");
        if (!list)
            list = tape_get(c, frame, "frameOptions");
        if (!list || !node_is(c, list, JSON_TOKEN_ARRAY_BEGIN) || c->node[list].count == 0)
            return frame;
        frame = tape_element(c, list, c->node[list].count - 1);
    }
    return frame;
}

static void advice_give(struct checker *c)
{
    uint32_t last = last_frame(c), kind = last ? tape_get(c, last, "kind") : 0;

    if (c->node[c->sequence].count && !c->has_config)
        finding_add(c, "W-NO-VIDEO-CONFIG", c->sequence,
                    "Nothing checks camera and microphone: there is no exp-video-config frame.");
    if (!c->has_consent)
        finding_add(c, "W-NO-CONSENT", c->sequence,
                    "Nothing asks for consent: there is no exp-lookit-video-consent frame.");
    if (!last || (kind && !span_is(c->node[kind].text, "exp-lookit-exit-survey")))
        finding_add(c, "W-LAST-NOT-EXIT", c->sequence, "The last frame should be an exp-lookit-exit-survey.");
    if (c->starts && !c->stops)
        finding_add(c, "W-SESSION-RECORDING", c->starts,
                    "This starts a recording across frames, and nothing ends it.");
    if (c->stops && !c->starts)
        finding_add(c, "W-SESSION-RECORDING", c->stops,
                    "This ends a recording across frames, and nothing starts one.");
    if (c->is_capped)
        finding_add(
            c, "W-EXPANSION-CAPPED", 0,
            "This protocol has more combinations than can be checked; some of them were not looked at.");
}

static void protocol_walk(struct checker *c)
{
    c->budget = STEPS_MIN + (uint64_t)c->nodes_n * STEPS_PER_VALUE;
    c->hints_left = HINTS_MAX;
    duplicates_check(c);
    root_check(c);
    if (!c->sequence)
        return;
    sequence_check(c);
    if (c->frames)
        unused_check(c);
    advice_give(c);
}

int protocol_check(struct span text, struct protocol_report *report)
{
    struct checker c = {.text = text, .report = report};
    struct json_error err;
    int rc;

    memset(report, 0, sizeof *report);
    rc = tape_read(&c, &err);
    if (rc)
        report_syntax(&c, err, rc == ERR_TOOBIG);
    else
        protocol_walk(&c);
    report_sort(&c);
    free(c.node);
    free(c.slot);
    free(c.plain);
    free(c.scope);
    free(c.work);
    return report->errors ? ERR_INVALID : 0;
}
