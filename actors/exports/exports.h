/* exports: what the files of the actor share. */
#ifndef LOOKIT_EXPORTS_H
#define LOOKIT_EXPORTS_H

#include "bus.h"
#include "zip.h"

extern const struct actor_def exports_actor;

/* What a replica holds. */
struct hand {
    struct spool *spool;
};

/* A file on its way into the spool. */
struct takeout {
    struct call *call;
    struct span stem; /* of the file's name: the study's */
    bool is_identifiable, is_external;
    struct span name; /* set by who fills it */
    const char *type;
    uint64_t only; /* number of the one response that is taken, 0: all */
    int64_t last;  /* response of the last row */
    int (*row)(void *ctx, const struct row *row);
    struct span keys; /* JSON: of a table's numbered columns */
    struct spool_file *file;
    struct zip *zip;     /* NULL: into the file as it is */
    struct arena *arena; /* holds what was not written yet, and nothing else */
    struct text text;
    struct uuid entry; /* response whose table is being written into the zip */
    bool has_entry;
    bool has_row;
};

/* Opens a snapshot, checks that the viewer may read the study (else ERR_NOTFOUND), lets fill write the file
 * and name it, and replies with it. only: see above. */
int takeout_run(struct call *c, int (*fill)(struct takeout *t), uint64_t only) MUST_CHECK;

/* What stands in t->text goes out once it is worth it. */
int takeout_flow(struct takeout *t) MUST_CHECK;
/* A row of a table; more may be {NULL,0}. */
int takeout_row(struct takeout *t, struct span cells, struct span more) MUST_CHECK;
/* The next rows go into the file about the response of this id, in the zip. */
int takeout_entry(struct takeout *t, const char *id) MUST_CHECK;
void takeout_bind_only(struct takeout *t);
/* Gives fn (ctx: t) every row of a statement that takes `after` and gives some responses behind it: so often
 * that none is left. No statement is long, whatever a study holds. */
int takeout_walk(struct takeout *t, const struct statement *s,
                 int (*fn)(void *ctx, const struct row *row)) MUST_CHECK;

/* table.c: what is written. */
int on_export_responses_json(struct call *c, const struct export_responses_json *m);
int on_export_responses_csv(struct call *c, const struct export_responses_csv *m);
int on_export_dictionary(struct call *c, const struct export_dictionary *m);
int on_export_children_csv(struct call *c, const struct export_children_csv *m);
int on_export_children_dictionary(struct call *c, const struct export_children_dictionary *m);
int on_export_frames_zip(struct call *c, const struct export_frames_zip *m);
int on_export_one(struct call *c, const struct export_one *m);

#endif
