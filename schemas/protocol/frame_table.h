/* frame_table: which frame kinds there are and what may be written in each.
 *
 * protocol_frames.c, made by schemas/generate/frames.py from schemas/protocol/frames/ *.json and parts.json,
 * holds the kinds that this release's player can show. kinds.def names all kinds of the language, the removed
 * ones included. */
#ifndef LOOKIT_FRAME_TABLE_H
#define LOOKIT_FRAME_TABLE_H

#include "types.h"

/* What a value may be; several bits mean "any of these". 0 means anything. */
enum {
    VALUE_STRING = 1 << 0,
    VALUE_NUMBER = 1 << 1,
    VALUE_INTEGER = 1 << 2,
    VALUE_BOOLEAN = 1 << 3,
    VALUE_OBJECT = 1 << 4,
    VALUE_ARRAY = 1 << 5,
    VALUE_IMAGE = 1 << 6,   /* URL or file name */
    VALUE_AUDIO = 1 << 7,   /* file name stub, or list of {src, type} */
    VALUE_VIDEO = 1 << 8,   /* the same for video */
    VALUE_STIMULUS = 1 << 9 /* image file name, or {image} or {video} */
};

/* One parameter, one property of an object, or what each item of a list must be (then without a name). */
struct frame_param {
    const char *name;
    const char *doc; /* one sentence, or NULL */
    uint32_t types;
    bool is_required; /* documented as required; left out, the frame shows gaps */
    bool is_vital;    /* left out, the frame cannot be shown at all */
    bool has_min, has_max;
    double min, max;
    const char *const *one_of;       /* allowed texts, NULL-terminated; NULL when any */
    const struct frame_param *items; /* what each item of a list is; NULL when anything */
    const struct frame_param
        *properties; /* what is known of an object's members, sorted; NULL when nothing */
    size_t properties_n;
};

struct frame_kind {
    const char *kind; /* "exp-lookit-text" */
    const char *doc;
    const char *frame_type;           /* DEFAULT, CONSENT or EXIT */
    bool has_assets;                  /* file names are completed with baseDir and types */
    const struct frame_param *params; /* own ones and those of its shared parts, sorted by name */
    size_t params_n;
};

/* The kinds that the player can show, sorted by name. */
extern const struct frame_kind frame_kinds[];
extern const size_t frame_kinds_n;

#endif
