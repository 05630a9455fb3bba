/* checker: can the player run this study protocol? Says every mistake it finds, each with its place.
 *
 * The language is spec/protocol.md; the codes are those of its section 11.3, and six of ours:
 *   E-FRAME-KIND-NOT-YET  a kind of the language that this release's player cannot show
 *   E-PARAM-TYPE          a wrong type; one that the player can live with stays a warning, W-PARAM-TYPE
 *   E-COMMON-TYPE         commonFrameProperties that are no object
 *   E-PARAMETER-CYCLE     a parameter that contains itself
 *   E-TOO-BIG             more bytes, values or nesting than the bounds below
 *   W-EXPANSION-CAPPED    see the next paragraph
 *
 * Works in time and memory proportional to the text. Placeholders are followed through `parameters` and
 * `parameterSets` to every value they may take, within a budget; where it ends, W-EXPANSION-CAPPED says that
 * something stayed unchecked. */
#ifndef LOOKIT_PROTOCOL_CHECKER_H
#define LOOKIT_PROTOCOL_CHECKER_H

#include "types.h"

#define PROTOCOL_BYTES_MAX (4u << 20)
#define PROTOCOL_VALUES_MAX 200000u
#define PROTOCOL_FINDINGS_MAX 100

enum protocol_severity {
    PROTOCOL_ERROR,  /* the study, or a frame of it, would not run */
    PROTOCOL_WARNING /* it runs, but probably not as intended */
};

struct protocol_finding {
    const char *code; /* "E-KIND-UNKNOWN"; static */
    enum protocol_severity severity;
    uint32_t line, column; /* from 1; columns count code points */
    size_t at;             /* byte offset of the same place */
    char path[160];        /* JSON pointer (RFC 6901) of the value, cut at the end when longer */
    char sentence[400];    /* for the researcher */
};

/* About 60 KiB: keep it on the heap. */
struct protocol_report {
    struct protocol_finding finding[PROTOCOL_FINDINGS_MAX]; /* in order of place */
    size_t n;
    size_t errors,
        warnings; /* how many there are, those without room in finding[] included; errors push warnings out */
};

/* Fills the report, whatever text is. 0 when the study can be built (there may be warnings), ERR_INVALID when
 * there are errors. Sentences quote parts of the text; they are plain text, to be escaped by whoever shows
 * them. */
int protocol_check(struct span text, struct protocol_report *report) MUST_CHECK;

/* The canonical form, for hashing: the same text without white space between tokens. Order of keys stays,
 * because random draws follow it; numbers and strings stay as they are written. out needs room for text.n
 * bytes at most, and may be text.p itself. ERR_MALFORMED when text is no JSON, ERR_TOOBIG when it breaks a
 * bound of the checker or out is too small. */
int protocol_minify(struct span text, char *out, size_t room, size_t *n) MUST_CHECK;

#endif
