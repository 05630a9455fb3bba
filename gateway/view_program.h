/* view_program: what view_parse.c makes of templates and view.c walks. Private to the view files. */
#ifndef LOOKIT_VIEW_PROGRAM_H
#define LOOKIT_VIEW_PROGRAM_H

#include "view.h"

enum view_op_kind {
    VIEW_TEXT,     /* text as it stands */
    VIEW_VALUE,    /* text = name; escaped */
    VIEW_LINK,     /* text = name; escaped, and only if it is an address that may be followed */
    VIEW_PART,     /* text = name; percent-encoded: a part of an address */
    VIEW_HTML,     /* text = name; as it is */
    VIEW_OPEN,     /* text = name; jump = behind its VIEW_CLOSE */
    VIEW_CLOSE,    /* jump = first instruction of the section */
    VIEW_IF,       /* text = name; jump = behind the section */
    VIEW_UNLESS,   /* text = name; jump = behind the inverted section */
    VIEW_CALL,     /* text = name of the view in .call; .arg, .arg_n */
    VIEW_PHRASE,   /* text = key; jump = behind the English program, which follows; .phrase */
    VIEW_TRANSLATE /* text = name; its value is the key; escaped */
};

struct view_arg {
    struct span name;
    struct span text;
};

struct view_op {
    enum view_op_kind kind;
    uint32_t jump;
    uint32_t line;
    uint32_t depth; /* sections of this view that are open here */
    struct span text;
    const struct view *call;
    const struct view_arg *arg;
    size_t arg_n;
    const struct view **phrase; /* per language; NULL: none there, English stands */
};

struct view {
    struct span name;
    struct span source;
    const struct views *set;
    struct view_op *op;
    size_t op_n;
    uint32_t calls;    /* depth of partials below, itself included */
    uint32_t contexts; /* most sections open at once, partials included */
};

struct phrase {
    struct span key; /* white space collapsed */
    struct span text;
    const struct view *view; /* text, compiled */
};

struct language {
    struct span name;      /* "de" */
    struct phrase *phrase; /* ordered by key */
    size_t phrase_n;
};

struct views {
    struct arena *arena;
    struct view *view; /* ordered by name */
    size_t view_n;
    struct language language[VIEW_LANGUAGES_MAX];
    size_t language_n;
};

/* Compiles view->source into view->op. All memory from set->arena. Partials and phrases are linked later. */
int view_parse(struct views *set, struct view *view, struct view_error *error) MUST_CHECK;

/* Reads a catalogue. */
int language_read(struct views *set, struct span name, struct span json, struct view_error *error) MUST_CHECK;
const struct phrase *language_find(const struct language *language, struct span key);

/* "  a \n b " -> "a b", in the arena. */
struct span phrase_key(struct arena *a, struct span text);

/* Fills *error; returns ERR_MALFORMED. */
int view_mistake(struct view_error *error, struct span view, uint32_t line, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif
