/* protocol_checker: what the files of the checker share. For protocol_checker*.c only.
 *
 *   tape     the text as a flat row of nodes with a table of members
 *   report   findings with places and paths
 *   scope    placeholders: what a string may become
 *   nearest  the word that was probably meant
 *   script   is this text a JavaScript function?
 *   value    parameters against the tables of frame kinds
 *   sampler  the three randomizers
 *   frame    one frame: kind, id, group or randomizer or plain
 *   (none)   the whole: root, sequence, frames */
#ifndef LOOKIT_PROTOCOL_CHECKER_PRIVATE_H
#define LOOKIT_PROTOCOL_CHECKER_PRIVATE_H

#include "checker.h"
#include "frame_table.h"
#include "json_reader.h"

#define DEPTH_MAX 64u      /* nesting of the text, and of frames that placeholders bring in */
#define CANDIDATES_MAX 32u /* values that one placeholder is followed to */

/* One value of the text, in the order of the text: an object or array is followed by what is in it. Node 0 is
 * the root. */
struct node {
    struct span key;  /* unescaped; {NULL, 0} for elements and the root */
    struct span text; /* strings: unescaped; numbers and words: as written */
    uint32_t at, end; /* offsets of its first byte and after its last */
    uint32_t key_at;
    uint32_t parent, next; /* next: the first node that is not in it */
    uint32_t count;        /* members or elements */
    uint32_t position;     /* in its parent */
    enum json_token_type type;
    bool is_shadowed; /* a later member has the same name */
    bool is_done;     /* parameters or a frame that was checked already */
    bool is_named;    /* its name as an id was checked already */
    bool is_open;     /* a parameter on the path that is being followed */
};

/* An entry of the member table: a node, 0 for empty, and part of its name's digest. */
struct slot {
    uint32_t node, mark;
};

/* Where a placeholder may get its value: an object of parameters, or a list of such objects of which one is
 * chosen. */
struct scope {
    uint32_t parent; /* the scope around it, 0 for none */
    uint32_t node;
    bool is_choice;
    uint32_t depth;
};

enum naming {
    NAMED,    /* an id comes from the entry of "frames" */
    SELECTED, /* the same with -0, -1 … behind it */
    ANONYMOUS /* the id would be "null": members of groups */
};

/* A frame to be checked: what is written in it, and what its surroundings add. */
struct work {
    uint32_t own;     /* an object */
    uint32_t common;  /* commonFrameProperties around it, 0 for none */
    uint32_t ordered; /* orderedFrameOptions around it, 0 for none */
    uint32_t scope;
    uint32_t definition; /* the entry of "frames" it belongs to */
    enum naming naming;
    uint8_t depth;
    bool is_nested; /* inside a group or a randomizer */
};

struct checker {
    struct span text;
    struct protocol_report *report;
    struct node *node;
    uint32_t nodes_n, nodes_room;
    struct slot *slot; /* member table */
    uint32_t slots_n;
    uint64_t seed;
    char *plain; /* unescaped strings */
    size_t plain_n;
    struct scope *scope; /* from 1 */
    uint32_t scopes_n, scopes_room;
    struct work *work;
    uint32_t work_n, work_room;
    uint64_t budget;           /* steps left */
    bool is_capped;            /* something was not looked at */
    bool is_spent;             /* the budget is used up: what is not known any more is no mistake */
    uint32_t hints_left;       /* words that may still be compared */
    uint32_t frames, sequence; /* nodes, 0 when they are no object and no list */
    uint32_t starts, stops;    /* node of a frame that starts or ends a recording across frames, 0 for none */
    bool has_config, has_consent;
};

/* The values that something may have. */
struct values {
    uint32_t node[CANDIDATES_MAX];
    uint32_t n;
};

/* tape */
int tape_read(struct checker *c, struct json_error *err) MUST_CHECK; /* ERR_MALFORMED, ERR_TOOBIG */
uint32_t tape_member(const struct checker *c, uint32_t object, struct span key); /* 0 when there is none */
uint32_t tape_get(const struct checker *c, uint32_t object, const char *key);
uint32_t tape_element(const struct checker *c, uint32_t array,
                      uint32_t position); /* walks; 0 when there is none */
bool node_is(const struct checker *c, uint32_t node, enum json_token_type type);
bool node_is_falsy(const struct checker *c, uint32_t node); /* as JavaScript sees it */
bool node_number(const struct checker *c, uint32_t node, double *number);

/* Grows an array so that one more item fits; aborts without memory. */
void *room_for(void *array, uint32_t n, uint32_t *room, size_t item_bytes);

/* report: `node` gives place and path. The sentence is written with the format; quote texts with %s and
 * quoted(). */
void finding_add(struct checker *c, const char *code, uint32_t node, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* The same about a member's name instead of its value. */
void finding_add_key(struct checker *c, const char *code, uint32_t node, const char *format, ...)
    PRINTF_LIKE(4, 5);
void report_syntax(struct checker *c, struct json_error err, bool is_bound);
void report_sort(struct checker *c);
struct quote {
    char text[64];
};
struct quote quoted(struct span s); /* at most 60 bytes of it, whole characters, without control characters */

/* scope */
uint32_t scope_add(struct checker *c, uint32_t around, uint32_t node, bool is_choice);
void values_resolve(struct checker *c, uint32_t node, uint32_t scope, struct values *out); /* adds to out */
void selectors_check(struct checker *c, uint32_t within,
                     uint32_t scope);                          /* strings that pick from this scope's lists */
void parameters_check(struct checker *c, uint32_t parameters); /* cycles and chains in one object */
bool step_take(struct checker *c, uint64_t steps);             /* false when the budget is used up */

/* nearest: the number of insertions, deletions, changes and swaps between two words, of the first 63 bytes
 * each. */
size_t word_distance(struct span a, struct span b);
struct nearest {
    struct span word; /* looked for; {NULL, 0}: no more hints today */
    struct span best;
    size_t distance;
};
/* For a word that will be compared with so many candidates: each costs some of the budget for hints. */
struct nearest nearest_start(struct checker *c, struct span word, size_t candidates);
void nearest_try(struct nearest *n, const char *candidate);
void nearest_try_span(struct nearest *n, struct span candidate);
/* " Did you mean x?" when something is near enough, else "". */
struct hint {
    char text[96];
};
struct hint nearest_hint(const struct nearest *n);

/* script: NULL when text may be a function, else what is wrong, to go on after "this ". */
const char *script_fault(struct span text);

/* value */
void params_check(struct checker *c, const struct work *w, const struct frame_kind *kind);
void common_check(struct checker *c,
                  const struct work *w); /* functions of a plain frame, names that begin with __ */
void structure_keys_check(struct checker *c, const struct work *w, const char *const *known);

/* frame */
void work_values(struct checker *c, const struct work *w, const char *key, struct values *out);
uint32_t work_raw(const struct checker *c, const struct work *w,
                  const char *key);                            /* before placeholders; 0 for none */
void frames_run(struct checker *c);                            /* until no work is left, or no budget */
uint32_t work_common(struct checker *c, const struct work *w); /* its commonFrameProperties, 0 for none */
/* What the members of a group or randomizer have in common. */
struct members {
    uint32_t common, ordered, scope;
    enum naming naming;
};
void member_push(struct checker *c, const struct work *w, uint32_t node, const struct members *m);
void members_push(struct checker *c, const struct work *w, uint32_t list, const struct members *m);
void work_push(struct checker *c, const struct work *w);

/* sampler */
void choice_check(struct checker *c, const struct work *w);

#endif
